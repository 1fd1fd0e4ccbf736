#include <event_draft/async_service.hpp>

#include <doctest/doctest.h>

#include <coroutine>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <event_draft/outbox_relay.hpp>
#include <event_draft/testing/async_port.hpp>
#include <event_draft/testing/fakes.hpp>
#include <event_draft/testing/faults.hpp>
#include <event_draft/testing/printing.hpp>
#include <event_draft/testing/recording_observer.hpp>
#include <event_draft/testing/samples.hpp>

using namespace event_draft;
using namespace event_draft::testing;
using namespace std::chrono_literals;

// What only a service that awaits its ports can do: overlap, be left waiting, be several at once. All else is tested over both
// services by the same cases.
namespace {

/// The fakes, each call a turn of the loop away.
struct AsyncPorts {
  FakePorts blocking{};
  ManualLoop loop{};
  AsyncPort<decltype(FakePorts::repository)> repository{blocking.repository, loop};
  AsyncPort<decltype(FakePorts::cache)> cache{blocking.cache, loop};
  AsyncPort<decltype(FakePorts::publisher)> publisher{blocking.publisher, loop};
  AsyncEventDraftService<decltype(repository), decltype(cache), decltype(publisher), VirtualClock, RecordingObserver>
      service{repository, cache, publisher, {}, blocking.clock, blocking.observer};
};

/// A call that begins when it is made: what it is awaited for comes when the test says so.
template <class T>
class Begun {
 public:
  Begun(std::optional<T>& answer, std::coroutine_handle<>& waiting) noexcept : answer_{answer}, waiting_{waiting} {}

  bool await_ready() const noexcept { return answer_.has_value(); }
  void await_suspend(std::coroutine_handle<> waiting) noexcept { waiting_ = waiting; }
  T await_resume() const { return *answer_; }

 private:
  std::optional<T>& answer_;
  std::coroutine_handle<>& waiting_;
};

/// A cache and a publisher whose calls begin at once. The journal says what was called and in which order.
struct EagerPorts {
  template <class T>
  using Coroutine = Task<T>;  // of a repository that gives something else to await

  std::vector<std::string> journal{};
  std::optional<Result<void>> written{};
  std::optional<Result<void>> published{};
  std::coroutine_handle<> waiting{};
  std::string throws{};
  std::vector<Settlement> settled{};

  struct Ready {
    Result<SavedDraft> saved;
    static bool await_ready() noexcept { return true; }
    static void await_suspend(std::coroutine_handle<>) noexcept {}
    Result<SavedDraft> await_resume() const { return saved; }
  };
  Ready save(const NewEventDraft&, Deadline) { return {SavedDraft{sample_draft(), true, LeaseToken{7}}}; }
  Task<Result<std::optional<EventDraft>>> find(const DraftId&, Deadline) { co_return std::nullopt; }
  void settle_later(const Settlement& settlement) noexcept { settled.push_back(settlement); }
  Task<Result<std::optional<std::string>>> get(std::string_view, Deadline) { co_return std::nullopt; }
  Begun<Result<void>> set(std::span<const CacheWrite>, Deadline) {
    begin("set");
    return Begun<Result<void>>{written, waiting};
  }
  Begun<Result<void>> publish(const EventMessage&, Deadline) {
    begin("publish");
    return Begun<Result<void>>{published, waiting};
  }

 private:
  void begin(const std::string& call) {
    journal.push_back(call);
    if (call == throws) throw std::runtime_error{call + " throws"};
  }
};

using Journal = std::vector<std::string>;

}  // namespace

TEST_SUITE("steps 4 and 5 together") {
  TEST_CASE("both are under way before either has ended") {
    EagerPorts ports;
    AsyncEventDraftService service{ports, ports, ports};
    auto task = service.create_event_draft(sample_command());
    task.start();
    CHECK(ports.journal == Journal{"set", "publish"});
    REQUIRE_FALSE(task.is_done());
    ports.published = success();  // before the cache: it is heard after it all the same
    ports.written = success();
    ports.waiting.resume();
    REQUIRE(task.is_done());
    const auto receipt = task.get();
    REQUIRE(receipt);
    CHECK(receipt.value().event == EventDelivery::acknowledged);
    CHECK(receipt.value().degraded.empty());
    const EventLease lease{{sample_draft().id, EventType::event_draft_created}, LeaseToken{7}};
    CHECK(ports.settled == std::vector{Settlement::published(lease)});
  }

  TEST_CASE("in the specification's order the publish waits for the cache, when that is asked for") {
    EagerPorts ports;
    AsyncEventDraftService service{ports, ports, ports, {.publish_order = PublishOrder::after_cache}};
    auto task = service.create_event_draft(sample_command());
    task.start();
    CHECK(ports.journal == Journal{"set"});
    ports.written = Error{Errc::cache_unavailable};
    ports.waiting.resume();
    CHECK(ports.journal == Journal{"set", "publish"});
    ports.published = success();
    ports.waiting.resume();
    REQUIRE(task.is_done());
    CHECK(task.get().value().event == EventDelivery::acknowledged);
  }

  TEST_CASE("a call that throws at once fails alone: the other is made, and waited for") {
    for (const std::string_view throws : {"set", "publish"}) {
      CAPTURE(throws);
      EagerPorts ports;
      RecordingObserver observer;
      ports.throws = throws;
      AsyncEventDraftService service{ports, ports, ports, {}, system_clock, observer};
      auto task = service.create_event_draft(sample_command());
      task.start();
      CHECK(ports.journal == Journal{"set", "publish"});
      REQUIRE_FALSE(task.is_done());
      ports.written = success();
      ports.published = success();
      ports.waiting.resume();
      REQUIRE(task.is_done());
      const auto receipt = task.get();
      REQUIRE(receipt);
      CHECK(receipt.value().event == (throws == "set" ? EventDelivery::acknowledged : EventDelivery::pending));
      CHECK(receipt.value().degraded.contains(Step::cache) == (throws == "set"));
      CHECK(ports.settled.size() == 1);
    }
  }
}

TEST_CASE("what a call is given lives until it has been awaited, a deadline that it takes by reference too") {
  struct ReferringPorts : EagerPorts {
    ManualLoop loop{};
    std::vector<Deadline> deadlines{};

    Task<Result<void>> set(std::span<const CacheWrite>, const Deadline& deadline) {
      co_await loop.turn();
      deadlines.push_back(deadline);
      co_return success();
    }
    Task<Result<void>> publish(const EventMessage&, const Deadline& deadline) {
      co_await loop.turn();
      deadlines.push_back(deadline);
      co_return success();
    }
  };
  for (const auto order : {PublishOrder::with_cache, PublishOrder::after_cache}) {
    ReferringPorts ports;
    VirtualClock clock;
    AsyncEventDraftService service{ports, ports, ports, {.publish_order = order}, clock};
    auto task = service.create_event_draft(sample_command());
    task.start();
    ports.loop.run();
    REQUIRE(task.get());
    CHECK(ports.deadlines == std::vector{Deadline{SteadyTime{} + 50ms}, Deadline{SteadyTime{} + 250ms}});
  }
}

TEST_SUITE("operations that wait") {
  TEST_CASE("nothing is called before the operation is awaited, and each call is waited for") {
    AsyncPorts ports;
    auto task = ports.service.create_event_draft(sample_command());
    CHECK(ports.loop.waiting() == 0);
    task.start();
    for (const Call call : {Call::get, Call::save, Call::set, Call::publish}) {
      CAPTURE(to_string(call));
      REQUIRE(ports.loop.waiting() == 1);
      CHECK(ports.blocking.faults.count(call) == 0);
      ports.loop.run_one();
      CHECK(ports.blocking.faults.count(call) == 1);
    }
    REQUIRE(task.is_done());
    CHECK(task.get().value().event == EventDelivery::acknowledged);
  }

  TEST_CASE("an operation's time begins when it begins to run") {
    AsyncPorts ports;
    auto task = ports.service.create_event_draft(sample_command());
    ports.blocking.clock.advance(10s);
    task.start();
    ports.loop.run();
    REQUIRE(task.get());
    CHECK(ports.blocking.faults.entries()[0].deadline == Deadline{SteadyTime{} + 10s + 50ms});
  }

  TEST_CASE("two requests of one user at once: one draft and one event") {
    AsyncPorts ports;
    auto one = ports.service.create_event_draft(sample_command());
    auto other = ports.service.create_event_draft(sample_command());
    one.start();
    other.start();
    ports.loop.run();
    const auto first = one.get();
    const auto second = other.get();
    REQUIRE(first);
    REQUIRE(second);
    CHECK(first.value().origin == Origin::created);
    CHECK(second.value().origin == Origin::in_progress);
    CHECK(first.value().draft == second.value().draft);
    CHECK(ports.blocking.fake_repository.size() == 1);
    CHECK(ports.blocking.fake_publisher.size() == 1);
  }

  TEST_CASE("ended while it waits, at whichever call: what was stored stays, and its event is the relay's") {
    for (std::size_t calls = 0; calls != 4; ++calls) {
      CAPTURE(calls);
      AsyncPorts ports;
      {
        auto task = ports.service.create_event_draft(sample_command());
        task.start();
        for (std::size_t i = 0; i != calls; ++i) ports.loop.run_one();
        REQUIRE_FALSE(task.is_done());
      }
      CHECK(ports.blocking.fake_repository.size() == (calls >= 2 ? 1 : 0));
      CHECK(ports.blocking.fake_publisher.size() == 0);
      ports.blocking.clock.advance(2s);
      OutboxRelay relay{ports.blocking.repository, ports.blocking.publisher, {}, ports.blocking.clock};
      static_cast<void>(relay.run_once());
      CHECK(ports.blocking.fake_publisher.size() == ports.blocking.fake_repository.size());
    }
  }
}
