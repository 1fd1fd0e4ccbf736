#include <event_draft/decorators/port_decorator.hpp>

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <span>
#include <utility>
#include <vector>

#include <event_draft/decorators/circuit_breaking.hpp>
#include <event_draft/decorators/retrying.hpp>
#include <event_draft/decorators/timed.hpp>
#include <event_draft/service.hpp>
#include <event_draft/testing/faults.hpp>
#include <event_draft/testing/printing.hpp>
#include <event_draft/testing/samples.hpp>

#include "scripted_ports.hpp"

using namespace event_draft;
using namespace event_draft::testing;
using namespace std::chrono_literals;
using test::all_port_functions;
using test::call;
using test::ScriptedPorts;

namespace {

struct Deaf {
  void on_call(const TimedCall&) noexcept {}
};
struct Advance {
  VirtualClock* clock;
  void operator()(std::chrono::nanoseconds span) const { clock->advance(span); }
};

template <class Port>
using TimedPort = Timed<Port, Deaf>;
template <class Port>
using Stack = TimedPort<CircuitBreaking<Retrying<Port>>>;

// A decorator satisfies what its port satisfies, and nothing else.
template <template <class...> class Decorator, class Port>
constexpr bool satisfies_the_same =
    DraftRepository<Decorator<Port>> == DraftRepository<Port> &&
    ApprovingRepository<Decorator<Port>> == ApprovingRepository<Port> &&
    EventOutbox<Decorator<Port>> == EventOutbox<Port> && OutboxUpkeep<Decorator<Port>> == OutboxUpkeep<Port> &&
    OutboxAdministration<Decorator<Port>> == OutboxAdministration<Port> &&
    DraftCache<Decorator<Port>> == DraftCache<Port> && EventPublisher<Decorator<Port>> == EventPublisher<Port>;

template <class Port>
constexpr bool each_satisfies_the_same =
    satisfies_the_same<Retrying, Port> && satisfies_the_same<CircuitBreaking, Port> &&
    satisfies_the_same<TimedPort, Port> && satisfies_the_same<Stack, Port>;

struct OutboxAlone {
  void settle_later(const Settlement&) noexcept;
  Result<std::vector<LeasedEvent>> claim(std::size_t, std::chrono::milliseconds, Deadline);
  Result<void> settle(std::span<const Settlement>, Deadline);
};

static_assert(EventOutbox<ScriptedPorts> && OutboxAdministration<ScriptedPorts> && DraftCache<ScriptedPorts>);
static_assert(each_satisfies_the_same<ScriptedPorts>);
static_assert(each_satisfies_the_same<FakeDraftRepository<>>);
static_assert(each_satisfies_the_same<WithoutOutbox<FakeDraftRepository<>>>);
static_assert(each_satisfies_the_same<OutboxAlone>);
static_assert(each_satisfies_the_same<FakeDraftCache<>>);
static_assert(each_satisfies_the_same<FakeEventPublisher<>>);
static_assert(each_satisfies_the_same<int>);

struct BatchPublisher {
  Result<void> publish(const EventMessage&, Deadline);
  void publish_all(std::span<const EventMessage>, std::span<Result<void>>, Deadline);
};
static_assert(BatchEventPublisher<BatchPublisher>);
static_assert(EventPublisher<Stack<BatchPublisher>> && !BatchEventPublisher<Stack<BatchPublisher>>);

// [own]
/// Remembers which function was called, with which deadline.
template <class Port>
struct Told : PortDecorator<Told<Port>, Port> {
  explicit Told(Port& port) : PortDecorator<Told, Port>{port} {}
  std::vector<std::pair<PortFunction, Deadline>> calls;

  template <class Call>
  auto around(PortFunction function, Deadline deadline, Call call) {
    calls.emplace_back(function, deadline);
    return call();
  }
};
// [/own]

}  // namespace

TEST_CASE("port decorator: each call goes through, told as what it is, with its deadline") {
  ScriptedPorts ports;
  Told told{ports};
  for (const PortFunction function : all_port_functions()) {
    const Deadline deadline{SteadyTime{} + std::chrono::seconds{static_cast<int>(function)}};
    CHECK(call(told, function, deadline) == std::nullopt);
    CHECK(ports.calls.back() == function);
    CHECK(told.calls.back() == std::pair{function, deadline});
  }
  told.settle_later(test::sample_settlement);
  CHECK(ports.settled_later == 1);
  CHECK(ports.calls.size() == port_function_count);
}

TEST_CASE("port decorator: arguments arrive, and answers come back, as they are") {
  VirtualClock clock;
  FakeDraftRepository fake{clock};
  Told told{fake};
  const Deadline deadline{SteadyTime::max()};
  const EventId created = test::sample_event;
  const UserId user = UserId::make(sample_user).value();

  CHECK(told.save(sample_new_draft(), deadline).value() == inserted(sample_draft(), LeaseToken{1}));
  CHECK(told.find(DraftId::numbered(1), deadline).value() == sample_draft());
  CHECK(told.stats(deadline).value() == OutboxStats{.pending = 1, .most_attempts = 1});
  told.settle_later(Settlement::parked({created, LeaseToken{1}}, Errc::event_rejected));
  REQUIRE(told.parked({}, 10, deadline).value().size() == 1);
  CHECK(told.parked(created, 10, deadline).value().empty());
  CHECK(told.parked({}, 0, deadline).value().empty());
  CHECK(told.replay(created, deadline).value());
  const auto claimed = told.claim(5, 3s, deadline).value();
  REQUIRE(claimed.size() == 1);
  clock.advance(3s - 1ms);
  CHECK(told.claim(5, 3s, deadline).value().empty());
  CHECK(told.settle(std::array{Settlement::published(claimed[0].lease())}, deadline).has_value());
  CHECK_FALSE(told.discard(created, deadline).value());
  CHECK(told.approve({DraftId::numbered(1), user, clock.now()}, deadline).value()->approved_now);
  clock.advance(1h + 1ms);
  CHECK(told.remove_published(1h, 1, deadline).value() == 1);
}

// [stacked]
TEST_CASE("decorators stand before each other in any order") {
  FakePorts ports;
  ports.faults.on(Call::get, 1, Fault::fail).on(Call::set, 1, Fault::fail);
  Deaf sink;
  Retrying retrying{ports.cache, {}, ports.clock, Advance{&ports.clock}};
  CircuitBreaking breaking{retrying, {}, ports.clock};  // sees only what no repetition mends
  Timed cache{breaking, sink, ports.clock};             // times what the service sees
  EventDraftService service{ports.repository, cache, ports.publisher, {}, ports.clock};
  CHECK(service.create_event_draft(sample_command()).value().degraded.empty());
  CHECK_FALSE(breaking.is_open());
  CHECK(ports.faults.log() == "get(fail) get save set(fail) set publish");
}
// [/stacked]

TEST_CASE("port decorator: a circuit that is open is tried again like a port that is down") {
  FakePorts ports;
  ports.faults.on(Call::publish, 1, Fault::fail);
  CircuitBreaking breaking{ports.publisher, {.open_for = 20ms}, ports.clock};
  Retrying publisher{breaking, {.tries = 6, .backoff = {10ms, 10ms}}, ports.clock, Advance{&ports.clock}};
  EventDraftService service{ports.repository, ports.cache, publisher, {}, ports.clock};
  CHECK(service.create_event_draft(sample_command()).value().event == EventDelivery::acknowledged);
  CHECK(ports.faults.log() == "get save set publish(fail) publish");
}
