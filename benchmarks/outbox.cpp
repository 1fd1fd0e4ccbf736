// What the outbox costs a save in SQLite, each synced to the disk.
#include <benchmark/benchmark.h>

#include <adapters/sqlite/open_database.hpp>
#include <adapters/sqlite/sqlite_draft_repository.hpp>
#include <adapters/sqlite/statements.hpp>
#include <adapters/sqlite/time_of_day.hpp>
#include <cstdint>
#include <stdexcept>

#include "allocations.hpp"
#include "sample.hpp"
#include "temporary_folder.hpp"

using namespace event_draft;

namespace {

struct DraftsOnDisk {
  TemporaryFolder folder;
  sqlite::Config config{folder.path() / "drafts.db"};
};

NewEventDraft draft_of(std::int64_t user) {
  const EventDraft draft = sample::draft();
  return {UserId::make(user).value(), draft.objective, draft.store, SystemClock::now()};
}

void with_outbox(benchmark::State& state) {
  const DraftsOnDisk disk;
  sqlite::SqliteDraftRepository repository{disk.config};
  std::int64_t user = 0;
  measure(state, [&] {
    const auto saved = repository.save(draft_of(++user), Deadline::after(std::chrono::seconds{5}));
    if (!saved || !saved.assume_value().inserted) throw std::runtime_error{"not saved"};
  });
}

/// The same statements in a row, but for the event's.
class ByHand {
 public:
  explicit ByHand(const sqlite::Config& config) : database_{sqlite::open_database(config)} {}

  void save(const NewEventDraft& draft) {
    run(SQLITE_DONE, begin_);
    const std::int64_t now = sqlite::time_of_day();
    const std::int64_t user = draft.user_id.value();
    run(SQLITE_DONE, holder_, user, now);
    run(SQLITE_DONE, insert_, user, to_string(draft.objective), draft.store.name(), draft.store.industry(),
        draft.store.address(), to_string(DraftStatus::draft),
        std::int64_t{draft.created_at.time_since_epoch().count()});
    const std::int64_t until = now + draft.window.count();
    run(SQLITE_DONE, take_window_, user, std::int64_t{sqlite3_last_insert_rowid(database_.get())}, until);
    run(SQLITE_DONE, commit_);
  }

 private:
  template <class... Values>
  static void run(int expected, const sqlite::Statement& statement, const Values&... values) {
    sqlite::Execution execution{statement, values...};
    if (execution.step() != expected) throw std::runtime_error{"not saved"};
  }

  sqlite::Database database_;
  sqlite::Statement begin_{database_.get(), "BEGIN IMMEDIATE"};
  sqlite::Statement holder_{database_.get(), sqlite::sql::holder};
  sqlite::Statement insert_{database_.get(), sqlite::sql::insert};
  sqlite::Statement take_window_{database_.get(), sqlite::sql::take_window};
  sqlite::Statement commit_{database_.get(), "COMMIT"};
};

void without_outbox(benchmark::State& state) {
  const DraftsOnDisk disk;
  ByHand repository{disk.config};
  std::int64_t user = 0;
  measure(state, [&] { repository.save(draft_of(++user)); });
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::RegisterBenchmark("save/event_draft", with_outbox)->UseRealTime();
  benchmark::RegisterBenchmark("save/by hand, without outbox", without_outbox)->UseRealTime();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
