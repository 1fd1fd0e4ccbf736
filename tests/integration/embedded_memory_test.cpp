// The example server's adapters without memory: every allocation of every operation fails once, alone and together with all
// that come after it, those of SQLite and of other threads included. What is acknowledged is stored all the same, what is
// stored is delivered, and everything goes on working. So it is with the service that blocks and with the one that awaits.
#include <doctest/doctest.h>
#include <sqlite3.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <event_draft.hpp>
#include <event_draft/testing/samples.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <vector>

#include "../contract/temporary_directory.hpp"
#include "../unit/allocation_limit.hpp"
#include "adapters/async/loop.hpp"
#include "adapters/event_log/async_json_lines_publisher.hpp"
#include "adapters/event_log/json_lines_publisher.hpp"
#include "adapters/memory/async_memory_draft_cache.hpp"
#include "adapters/memory/memory_draft_cache.hpp"
#include "adapters/sqlite/async_sqlite_draft_repository.hpp"
#include "adapters/sqlite/sqlite_draft_repository.hpp"
#include "adapters/sqlite/writer.hpp"

using namespace event_draft;
using namespace event_draft::testing;
using namespace std::chrono_literals;
using test::AllocationLimit;
using test::Refuse;

namespace {

sqlite3_mem_methods of_sqlite;  // its own

/// Lets SQLite's allocations count as the program's. Before anything else is asked of SQLite, once.
void limit_sqlite() {
  static const bool done = [] {
    REQUIRE(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &of_sqlite) == SQLITE_OK);
    sqlite3_mem_methods limited = of_sqlite;
    limited.xMalloc = [](int size) { return test::may_allocate() ? of_sqlite.xMalloc(size) : nullptr; };
    limited.xRealloc = [](void* memory, int size) {
      return test::may_allocate() ? of_sqlite.xRealloc(memory, size) : nullptr;
    };
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &limited) == SQLITE_OK;
  }();
  REQUIRE(done);
}

using Blocking =
    EventDraftService<sqlite::SqliteDraftRepository, memory::MemoryDraftCache<>, event_log::JsonLinesPublisher>;

/// The service that awaits, on a loop that each call turns until it is over.
class Awaiting {
 public:
  Awaiting(sqlite::SqliteDraftRepository& repository, memory::MemoryDraftCache<>& cache,
           event_log::JsonLinesPublisher& publisher, const Options& options)
      : writer_{repository},
        cache_{cache},
        publisher_{loop_, publisher},
        service_{repository_, cache_, publisher_, options} {}

  Result<Receipt> create_event_draft(const CreateEventDraft& command) {
    return run<Receipt>([&] { return service_.create_event_draft(command); });
  }
  Result<FoundDraft> find_event_draft(const DraftId& id, std::int64_t user) {
    return run<FoundDraft>([&] { return service_.find_event_draft(id, user); });
  }
  Result<ApprovalReceipt> approve_event_draft(const DraftId& id, std::int64_t user) {
    return run<ApprovalReceipt>([&] { return service_.approve_event_draft(id, user); });
  }

 private:
  /// Where a coroutine finds no memory, the operation is as one whose process died.
  template <class T, class Begin>
  Result<T> run(Begin begin) {
    try {
      auto task = begin();
      task.start();
      const Deadline patience = Deadline::after(20s);
      while (!task.is_done() && !patience.expired()) turn();
      if (!task.is_done()) return Errc::internal_error;  // it hangs
      return task.get();
    } catch (const std::bad_alloc&) {
      return Error{Errc::storage_unavailable, {}, Certainty::unknown};
    }
  }
  /// A loop goes on after an exception, as the server's do.
  void turn() {
    try {
      context_.restart();
      context_.run_one_for(1ms);
    } catch (const std::bad_alloc&) {
    }
  }

  boost::asio::io_context context_{1};
  adapters::Loop loop_{context_};
  sqlite::Writer writer_;
  sqlite::AsyncSqliteDraftRepository repository_{loop_, writer_};
  memory::AsyncMemoryDraftCache<> cache_;
  event_log::AsyncJsonLinesPublisher publisher_;
  AsyncEventDraftService<sqlite::AsyncSqliteDraftRepository, memory::AsyncMemoryDraftCache<>,
                         event_log::AsyncJsonLinesPublisher>
      service_;
};

/// All that the example server has.
template <class ItsService>
struct ShopOf {
  using Service = ItsService;
  TemporaryDirectory folder;
  std::filesystem::path log = folder.path() / "events.jsonl";
  sqlite::SqliteDraftRepository repository{{.path = folder.path() / "event_draft.db"}};
  memory::MemoryDraftCache<> cache{{.entries = 10'000}};
  event_log::JsonLinesPublisher publisher{{.path = log, .sync = event_log::Sync::never}};
  // The leases of its events end soon.
  Service service{repository, cache, publisher, Options{.budget = {.request = 250ms}}};
  // What must succeed has time enough on any machine.
  Blocking patient{repository, cache, publisher, Options{.budget = {.request = 20s, .publish = 10s}}};
  std::optional<OutboxRelay<sqlite::SqliteDraftRepository, event_log::JsonLinesPublisher>> relay;
  std::vector<EventDraft> drafts;  // that are known to be stored

  /// With all the memory there is.
  Receipt create_surely(std::int64_t user) {
    const auto receipt = patient.create_event_draft(sample_command(user));
    REQUIRE(receipt.has_value());
    drafts.push_back(receipt.value().draft);
    return receipt.value();
  }

  [[nodiscard]] EventDraft stored(const DraftId& id) {
    const auto found = repository.find(id, Deadline::after(10s)).value();
    REQUIRE(found.has_value());
    return *found;
  }

  /// A relay that has failed before would take its time.
  void new_relay() {
    const RelayOptions options{.batch = 4, .lease = 500ms, .backoff = {.first = 1ms, .most = 10ms}};
    relay.emplace(repository, publisher, options);
  }
};

std::map<std::string, std::size_t> first_lines(const std::filesystem::path& log) {
  std::map<std::string, std::size_t> lines;
  std::ifstream in{log};
  std::size_t number = 0;
  for (std::string line; std::getline(in, line); ++number) {
    constexpr std::string_view name = R"("ce_id":")";
    const auto begin = line.find(name) + name.size();
    lines.emplace(line.substr(begin, line.find('"', begin) - begin), number);
  }
  return lines;
}

/// The database holds what somebody was told of, and nothing besides: no second draft of a user, none without its event.
template <class Shop>
void check_stored(Shop& shop) {
  const auto is_known = [&](const DraftId& id) {
    return std::any_of(shop.drafts.begin(), shop.drafts.end(), [&](const EventDraft& draft) { return draft.id == id; });
  };
  const std::uint64_t more = shop.drafts.size() + 10;  // numbers than have been given
  for (std::uint64_t number = 1; number <= more; ++number) {
    const DraftId id = DraftId::numbered(number);
    CAPTURE(id);
    CHECK(shop.repository.find(id, Deadline::after(10s)).value().has_value() == is_known(id));
  }
}

/// A relay that nothing disturbs delivers all that is stored, each draft's events in their order.
template <class Shop>
void check_delivery(Shop& shop) {
  const Deadline end = Deadline::after(20s);
  shop.new_relay();
  while (shop.repository.stats(end).value().pending != 0) {
    REQUIRE_FALSE(end.expired());
    static_cast<void>(shop.relay->run_once());  // on a slow machine it may be late
    std::this_thread::sleep_for(10ms);
  }
  CHECK(shop.repository.stats(end).value().parked == 0);
  const auto lines = first_lines(shop.log);
  for (const EventDraft& draft : shop.drafts) {
    const auto line = [&](EventType type) { return lines.find(std::string{to_text(EventId{draft.id, type}).view()}); };
    const auto created = line(EventType::event_draft_created);
    const auto approved = line(EventType::event_created);
    CAPTURE(draft.id);
    REQUIRE(created != lines.end());
    REQUIRE((approved != lines.end()) == (shop.stored(draft.id).status == DraftStatus::approved));
    if (approved != lines.end()) CHECK(created->second < approved->second);
  }
}

/// Runs `operation(shop, user)` out of memory at every allocation that it makes, each time for another user, then delivers
/// all of it. Gives how many allocations it makes.
template <class Shop, class Prepare, class Operation, class Check>
std::size_t run_out(Prepare prepare, Operation operation, Check check) {
  limit_sqlite();
  Shop shop;
  std::int64_t user = 0;
  std::size_t allowed = 0;
  for (const Refuse refuse : {Refuse::one, Refuse::rest}) {
    for (allowed = 0;; ++allowed) {
      REQUIRE(allowed < 500);
      prepare(shop, ++user);
      const auto limited = test::run_limited(allowed, refuse, [&] { return operation(shop, user); });
      CAPTURE(allowed);
      CAPTURE(static_cast<int>(refuse));
      check(shop, user, limited.given);
      if (!limited.reached) break;
    }
  }
  check_stored(shop);
  check_delivery(shop);
  return allowed;
}

constexpr auto unprepared = [](auto&, std::int64_t) {};
constexpr auto create_draft = [](auto& shop, std::int64_t user) {
  return shop.service.create_event_draft(sample_command(user));
};
constexpr auto prepare_draft = [](auto& shop, std::int64_t user) { shop.create_surely(user); };

/// For a later window: the relay finds the event due at once.
constexpr auto leave_to_the_relay = [](auto& shop, std::int64_t user) {
  NewEventDraft draft = sample_new_draft(user);
  draft.event_lease = 0ms;
  shop.drafts.push_back(shop.repository.save(draft, Deadline::after(10s)).value().draft);
};

/// An awaited call may also be told nothing before its deadline, where there is no memory to tell it.
template <class Shop>
bool is_failure(const Error& error) {
  return error == Errc::storage_unavailable ||
         (std::is_same_v<typename Shop::Service, Awaiting> && error == Errc::deadline_exceeded);
}

constexpr auto check_creation = [](auto& shop, std::int64_t user, const Result<Receipt>& receipt) {
  if (!receipt) {
    CHECK(is_failure<std::decay_t<decltype(shop)>>(receipt.error()));
    CHECK(receipt.error().certainty != Certainty::applied);
  }
  const Receipt again = shop.create_surely(user);
  CHECK(shop.stored(again.draft.id) == again.draft);
  if (receipt) CHECK(again.draft == receipt.value().draft);
  return again;
};

constexpr auto check_new_creation = [](auto& shop, std::int64_t user, const Result<Receipt>& receipt) {
  const Receipt again = check_creation(shop, user, receipt);
  if (!receipt && receipt.error().certainty == Certainty::not_applied) CHECK(again.origin == Origin::created);
};

}  // namespace

TEST_SUITE("the embedded adapters out of memory" * doctest::skip(!test::replaceable_new)) {
  TEST_CASE_TEMPLATE("a creation", Shop, ShopOf<Blocking>, ShopOf<Awaiting>) {
    CHECK(run_out<Shop>(unprepared, create_draft, check_new_creation) > 10);
  }

  TEST_CASE_TEMPLATE("a creation whose draft is in progress, and not in the cache", Shop, ShopOf<Blocking>,
                     ShopOf<Awaiting>) {
    CHECK(run_out<Shop>(leave_to_the_relay, create_draft, check_creation) > 0);
  }

  TEST_CASE_TEMPLATE("a read", Shop, ShopOf<Blocking>, ShopOf<Awaiting>) {
    const auto find = [](auto& shop, std::int64_t user) {
      return shop.service.find_event_draft(shop.drafts.back().id, user);
    };
    const auto check = [](auto& shop, std::int64_t, const Result<FoundDraft>& found) {
      if (found) {
        CHECK(found.value().draft == shop.drafts.back());
      } else {
        CHECK(is_failure<std::decay_t<decltype(shop)>>(found.error()));  // and not corrupt: its text found no memory
      }
    };
    CHECK(run_out<Shop>(leave_to_the_relay, find, check) > 0);
  }

  /// A connection keeps the places that it has read text into, so it takes a new one each time.
  TEST_CASE("a connection's first read: text that finds no memory is not taken for a corrupt row") {
    limit_sqlite();
    const TemporaryDirectory folder;
    const std::string long_name(100, 'n');
    const std::string long_address(200, 'a');
    NewEventDraft draft = sample_new_draft();
    draft.store = StoreInfo::make(long_name, "음식점", long_address).value();
    const auto open = [&] { return sqlite::SqliteDraftRepository{{.path = folder.path() / "event_draft.db"}}; };
    REQUIRE(open().save(draft, Deadline::after(10s)).value().inserted);
    bool reached = true;
    std::size_t allowed = 0;
    for (; reached; ++allowed) {
      REQUIRE(allowed < 500);
      auto repository = open();
      Result<std::optional<EventDraft>> found = Errc::storage_unavailable;
      try {
        const AllocationLimit limit{allowed, Refuse::one};
        found = repository.find(DraftId::numbered(1), Deadline::after(10s));
        reached = limit.was_reached();
      } catch (const std::bad_alloc&) {  // where the failure was to be put into words
      }
      CAPTURE(allowed);
      if (found) CHECK(found.value() == with_id(draft, DraftId::numbered(1)));
      if (!found) CHECK(found.error() == Error{Errc::storage_unavailable});
    }
    CHECK(allowed > 3);
  }

  TEST_CASE_TEMPLATE("an approval", Shop, ShopOf<Blocking>, ShopOf<Awaiting>) {
    const auto approve = [](auto& shop, std::int64_t user) {
      return shop.service.approve_event_draft(shop.drafts.back().id, user);
    };
    const auto check = [](auto& shop, std::int64_t user, const Result<ApprovalReceipt>& receipt) {
      const DraftId id = shop.drafts.back().id;
      const DraftStatus status = shop.stored(id).status;
      if (receipt) {
        CHECK(status == DraftStatus::approved);
      } else {
        CHECK(is_failure<std::decay_t<decltype(shop)>>(receipt.error()));
        if (receipt.error().certainty == Certainty::not_applied) CHECK(status == DraftStatus::draft);
      }
      CHECK(shop.patient.approve_event_draft(id, user).value().draft.status == DraftStatus::approved);
    };
    CHECK(run_out<Shop>(prepare_draft, approve, check) > 10);
    CHECK(run_out<Shop>(leave_to_the_relay, approve, check) > 5);
  }

  TEST_CASE("a pass of the relay") {
    const auto prepare = [](auto& shop, std::int64_t user) {
      leave_to_the_relay(shop, user);
      shop.new_relay();
    };
    const auto run_relay = [](auto& shop, std::int64_t) { return shop.relay->run_once(); };
    const auto check = [](auto&, std::int64_t, const RelayPass& pass) { CHECK(pass.parked == 0); };
    CHECK(run_out<ShopOf<Blocking>>(prepare, run_relay, check) > 20);
  }

  TEST_CASE("an event log that can't say why it failed goes on without saying it") {
    TemporaryDirectory folder;
    const auto path = folder.path() / "events.jsonl";
    event_log::JsonLinesPublisher publisher{{.path = path, .sync = event_log::Sync::never}};
    std::filesystem::remove(path);  // from here on each event fails
    const EventMessage message{draft_created(sample_draft()), "/event-draft"};
    const auto publish = [&] { return publisher.publish(message, Deadline::after(10s)); };
    bool reached = true;
    for (std::size_t allowed = 0; reached; ++allowed) {
      REQUIRE(allowed < 100);
      const AllocationLimit limit{allowed};
      try {
        static_cast<void>(publish());
      } catch (const std::bad_alloc&) {
      }
      reached = limit.was_reached();
    }
    CHECK(publish().error().code == Errc::publisher_unavailable);
  }

  TEST_CASE_TEMPLATE("nothing leaks", Shop, ShopOf<Blocking>, ShopOf<Awaiting>) {
    limit_sqlite();
    const auto use = [] {
      Shop shop;
      for (std::int64_t user = 1; user <= 20; ++user) {
        shop.new_relay();
        const AllocationLimit limit{static_cast<std::size_t>(user)};
        static_cast<void>(create_draft(shop, user));
        static_cast<void>(shop.service.approve_event_draft(DraftId::numbered(1), 1));
        static_cast<void>(shop.relay->run_once());
      }
    };
    use();  // what is made once and kept
    const std::size_t live = test::live_allocations();
    const auto live_in_sqlite = sqlite3_memory_used();
    use();
    CHECK(test::live_allocations() == live);
    CHECK(sqlite3_memory_used() == live_in_sqlite);
  }
}
