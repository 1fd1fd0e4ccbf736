// What the outbox costs a save, and how fast the relay delivers; over SQLite and the event log, both synced to the disk.
#include <benchmark/benchmark.h>
#include <sqlite3.h>

#include <adapters/event_log/json_lines_publisher.hpp>
#include <adapters/memory/memory_draft_cache.hpp>
#include <adapters/sqlite/open_database.hpp>
#include <adapters/sqlite/schema.hpp>
#include <adapters/sqlite/sqlite_draft_repository.hpp>
#include <adapters/sqlite/statements.hpp>
#include <adapters/sqlite/time_of_day.hpp>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <event_draft/outbox_relay.hpp>
#include <stdexcept>
#include <thread>
#include <vector>

#include "allocations.hpp"
#include "by_hand.hpp"
#include "sample.hpp"
#include "temporary_folder.hpp"

using namespace event_draft;

namespace {

Deadline in_good_time() { return Deadline::after(std::chrono::seconds{30}); }

struct OnDisk {
  TemporaryFolder folder;
  sqlite::Config database{folder.path() / "drafts.db"};
  event_log::Config log{folder.path() / "events.jsonl"};
};

NewEventDraft draft_of(std::int64_t user) {
  const EventDraft draft = sample::draft();
  return {UserId::make(user).value(), draft.objective, draft.store, SystemClock::now()};
}

/// Measures what is done for new users; not for the first ones, while the database's files still grow.
template <class Work>
void measure_settled(benchmark::State& state, Work work) {
  std::int64_t user = 0;
  for (int i = 0; i != 500; ++i) work(++user);
  measure(state, [&] { work(++user); });
}

/// The same statements in a row, but for the event's.
class WithoutOutbox {
 public:
  explicit WithoutOutbox(const sqlite::Config& config) : database_{sqlite::open_database(config)} {}

  Result<SavedDraft> save(const NewEventDraft& draft, Deadline) {
    run(begin_);
    const std::int64_t now = sqlite::time_of_day();
    const std::int64_t user = draft.user_id.value();
    run(holder_, user, now);
    run(insert_, user, to_string(draft.objective), draft.store.name(), draft.store.industry(), draft.store.address(),
        to_string(DraftStatus::draft), std::int64_t{draft.created_at.time_since_epoch().count()});
    const std::int64_t id = sqlite3_last_insert_rowid(database_.get());
    run(take_window_, user, id, std::int64_t{now + draft.window.count()});
    run(commit_);
    return SavedDraft{with_id(draft, DraftId::numbered(static_cast<std::uint64_t>(id))), true};
  }

 private:
  template <class... Values>
  static void run(const sqlite::Statement& statement, const Values&... values) {
    sqlite::Execution execution{statement, values...};
    if (execution.step() != SQLITE_DONE) throw std::runtime_error{"not saved"};
  }

  sqlite::Database database_;
  sqlite::Statement begin_{database_.get(), "BEGIN IMMEDIATE"};
  sqlite::Statement holder_{database_.get(), sqlite::sql::holder};
  sqlite::Statement insert_{database_.get(), sqlite::sql::insert};
  sqlite::Statement take_window_{database_.get(), sqlite::sql::take_window};
  sqlite::Statement commit_{database_.get(), "COMMIT"};
};

template <class Repo>
void save(benchmark::State& state) {
  const OnDisk disk;
  Repo repository{disk.database};
  measure_settled(state, [&](std::int64_t user) {
    const auto saved = repository.save(draft_of(user), in_good_time());
    if (!saved || !saved.assume_value().inserted) throw std::runtime_error{"not saved"};
  });
}

Options patient() {
  Options options;
  options.budget.request = options.budget.cache = std::chrono::seconds{30};
  return options;
}

CreateEventDraft command_of(std::int64_t user) {
  CreateEventDraft command = sample::command;
  command.user_id = user;
  return command;
}

void expect_acknowledged(const Result<Receipt>& receipt) {
  if (!receipt || receipt.assume_value().event != EventDelivery::acknowledged) throw std::runtime_error{"not created"};
}

void create_with_outbox(benchmark::State& state) {
  const OnDisk disk;
  sqlite::SqliteDraftRepository repository{disk.database};
  memory::MemoryDraftCache<> cache;
  event_log::JsonLinesPublisher log{disk.log};
  EventDraftService service{repository, cache, log, patient()};
  measure_settled(state, [&](std::int64_t user) { expect_acknowledged(service.create_event_draft(command_of(user))); });
}

void create_without_outbox(benchmark::State& state) {
  const OnDisk disk;
  WithoutOutbox repository{disk.database};
  memory::MemoryDraftCache<> cache;
  event_log::JsonLinesPublisher log{disk.log};
  const Options options = patient();
  measure_settled(state, [&](std::int64_t user) {
    expect_acknowledged(by_hand::create(repository, cache, log, system_clock, options, command_of(user)));
  });
}

constexpr int backlog = 10'240;  // events

/// As an outage of the broker leaves them.
void add_backlog(const sqlite::Config& config) {
  const sqlite::Database database = sqlite::open_database(config);
  sqlite::execute(database.get(), R"sql(
    BEGIN;
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10240)
    INSERT INTO drafts (user_id, objective, store_name, industry, address, status, created_at)
    SELECT 1, '신규 고객 유치', '맛있는집', '음식점', '서울시 강남구', 'DRAFT', 1795424400123 FROM n;
    INSERT INTO outbox SELECT id, 'EventDraftCreated', created_at, NULL, 1, 1795424400123, 0, NULL, NULL, NULL
    FROM drafts WHERE id NOT IN (SELECT draft_id FROM outbox);
    COMMIT)sql");
}

void relay(benchmark::State& state) {
  const OnDisk disk;
  event_log::JsonLinesPublisher log{disk.log};
  RelayOptions options;
  options.most_per_second = 100'000'000;
  measure_many(state, backlog, [&] {
    state.PauseTiming();
    add_backlog(disk.database);
    {
      sqlite::SqliteDraftRepository repository{disk.database};
      OutboxRelay delivery{repository, log, options};
      state.ResumeTiming();
      std::size_t published = 0;
      while (published != backlog) {
        const RelayPass pass = delivery.run_once();
        if (pass.error) throw std::runtime_error{"not delivered"};
        published += pass.published;
      }
      state.PauseTiming();
    }
    state.ResumeTiming();
  });
}

constexpr int creations = 256;

/// So many clients, each of whom waits for its answer.
void create_by_clients(benchmark::State& state, int clients) {
  const OnDisk disk;
  sqlite::SqliteDraftRepository repository{disk.database};
  memory::MemoryDraftCache<> cache;
  event_log::JsonLinesPublisher log{disk.log};
  EventDraftService service{repository, cache, log, patient()};
  std::atomic<std::int64_t> user = 0;
  measure_many(state, creations, [&] {
    std::vector<std::thread> threads;
    for (int client = 0; client != clients; ++client) {
      threads.emplace_back([&] {
        for (int i = 0; i != creations / clients; ++i) {
          expect_acknowledged(service.create_event_draft(command_of(++user)));
        }
      });
    }
    for (auto& thread : threads) thread.join();
  });
}

}  // namespace

int main(int argc, char** argv) {
  const auto add = [](const char* name, auto... arguments) {
    benchmark::RegisterBenchmark(name, arguments...)->UseRealTime();  // most of it is the disk's
  };
  add("create/event_draft", create_with_outbox);
  add("create/by hand, without an outbox", create_without_outbox);
  add("save/event_draft", save<sqlite::SqliteDraftRepository>);
  add("save/by hand, without an outbox", save<WithoutOutbox>);
  add("an event/event_draft", relay);
  add("an event/created by one client", create_by_clients, 1);
  add("an event/created by eight clients", create_by_clients, 8);
  add("an event/created by 64 clients", create_by_clients, 64);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
