#include <event_draft/decorators/circuit_breaking.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include <event_draft/service.hpp>
#include <event_draft/testing/faults.hpp>
#include <event_draft/testing/printing.hpp>
#include <event_draft/testing/samples.hpp>

#include "all_errors.hpp"
#include "scripted_ports.hpp"

using namespace event_draft;
using namespace event_draft::testing;
using namespace std::chrono_literals;
using test::all_port_functions;
using test::call;
using test::ScriptedPorts;

namespace {

struct BreakingFixture {
  VirtualClock clock;
  ScriptedPorts ports;

  void is_down(Error error = Errc::storage_unavailable) {
    ports.script = [error](PortFunction) { return std::optional{error}; };
  }
  void is_up() {
    ports.script = [](PortFunction) { return std::nullopt; };
  }
  [[nodiscard]] std::size_t calls() const { return ports.calls.size(); }
  [[nodiscard]] Deadline soon() const { return Deadline{clock.steady_now() + 1s}; }
};

constexpr Error refused{Errc::storage_unavailable};

}  // namespace

// [dead-cache]
TEST_CASE("a cache that hangs costs one time-out, not one a request") {
  FakePorts ports;
  ports.faults.always(Call::get, Fault::time_out).always(Call::set, Fault::time_out);
  CircuitBreaking cache{ports.cache, {}, ports.clock};
  EventDraftService service{ports.repository, cache, ports.publisher, {}, ports.clock};
  for (std::int64_t user = 1; user <= 100; ++user) REQUIRE(service.create_event_draft(sample_command(user)));
  CHECK(ports.clock.steady_now() == SteadyTime{} + 50ms);
}
// [/dead-cache]

TEST_CASE("circuit breaking: and the receipt of each says which steps went without the cache") {
  FakePorts ports;
  ports.faults.always(Call::get, Fault::time_out);
  CircuitBreaking cache{ports.cache, {}, ports.clock};
  EventDraftService service{ports.repository, cache, ports.publisher, {}, ports.clock};
  for (std::int64_t user = 1; user <= 2; ++user) {
    const auto receipt = service.create_event_draft(sample_command(user));
    REQUIRE(receipt);
    CHECK(receipt.value().degraded.contains(Step::lookup));
    CHECK(receipt.value().degraded.contains(Step::cache));
    CHECK(receipt.value().event == EventDelivery::acknowledged);
  }
  CHECK(ports.faults.log() == "get(time_out) save publish save publish");
}

TEST_CASE("circuit breaking: while it is open every call fails at once, without effect, in its port's own word") {
  BreakingFixture fixture;
  CircuitBreaking breaking{fixture.ports, {}, fixture.clock};
  fixture.is_down();
  CHECK_FALSE(breaking.is_open());
  static_cast<void>(call(breaking, PortFunction::find, fixture.soon()));
  CHECK(breaking.is_open());
  for (const PortFunction function : all_port_functions()) {
    CAPTURE(function);
    CHECK(call(breaking, function, fixture.soon()) == Error{unavailable(function)});
  }
  CHECK(fixture.calls() == 1);
  breaking.settle_later(test::sample_settlement);
  CHECK(fixture.ports.settled_later == 1);
}

TEST_CASE("circuit breaking: what the port says while it is closed is passed on") {
  BreakingFixture fixture;
  CircuitBreaking breaking{fixture.ports, {.failures = 100}, fixture.clock};
  for (const Certainty certainty : {Certainty::not_applied, Certainty::applied, Certainty::unknown}) {
    const Error error{Errc::deadline_exceeded, {Field::address}, certainty};
    fixture.is_down(error);
    CHECK(call(breaking, PortFunction::save, fixture.soon()) == error);
  }
  fixture.is_up();
  CHECK(breaking.save(sample_new_draft(), fixture.soon()).value() == inserted(sample_draft()));
}

TEST_CASE("circuit breaking: after a while one call tries; it opens the circuit again or closes it") {
  BreakingFixture fixture;
  CircuitBreaking breaking{fixture.ports, {.open_for = 1s}, fixture.clock};
  fixture.is_down();
  static_cast<void>(call(breaking, PortFunction::find, fixture.soon()));
  fixture.clock.advance(1s - 1ns);
  static_cast<void>(call(breaking, PortFunction::find, fixture.soon()));
  CHECK(fixture.calls() == 1);
  fixture.clock.advance(1ns);
  for (int i = 0; i != 3; ++i) static_cast<void>(call(breaking, PortFunction::find, fixture.soon()));
  CHECK(fixture.calls() == 2);

  fixture.is_up();
  fixture.clock.advance(1s - 1ns);
  CHECK(call(breaking, PortFunction::find, fixture.soon()) == refused);
  fixture.clock.advance(1ns);
  for (int i = 0; i != 3; ++i) CHECK(call(breaking, PortFunction::find, fixture.soon()) == std::nullopt);
  CHECK(fixture.calls() == 5);
  CHECK_FALSE(breaking.is_open());
}

TEST_CASE("circuit breaking: while one call tries, however long, no other does") {
  BreakingFixture fixture;
  CircuitBreaking breaking{fixture.ports, {.open_for = 1s}, fixture.clock};
  fixture.is_down();
  static_cast<void>(call(breaking, PortFunction::find, fixture.soon()));
  fixture.clock.advance(1s);
  std::optional<Error> meanwhile;
  fixture.ports.script = [&](PortFunction function) -> std::optional<Error> {
    if (function != PortFunction::find) return std::nullopt;
    fixture.clock.advance(1h);
    meanwhile = call(breaking, PortFunction::stats, fixture.soon());
    return std::nullopt;
  };
  CHECK(call(breaking, PortFunction::find, Deadline::after(24h, fixture.clock.steady_now())) == std::nullopt);
  CHECK(meanwhile == refused);
  CHECK(call(breaking, PortFunction::stats, fixture.soon()) == std::nullopt);
}

TEST_CASE("circuit breaking: failures count in a row") {
  BreakingFixture fixture;
  CircuitBreaking breaking{fixture.ports, {.failures = 3}, fixture.clock};
  for (int round = 0; round != 3; ++round) {
    fixture.is_down();
    for (int i = 0; i != 2; ++i) static_cast<void>(call(breaking, PortFunction::find, fixture.soon()));
    fixture.is_up();
    CHECK(call(breaking, PortFunction::find, fixture.soon()) == std::nullopt);
  }
  fixture.is_down();
  for (int i = 0; i != 3; ++i) {
    CHECK_FALSE(breaking.is_open());
    static_cast<void>(call(breaking, PortFunction::find, fixture.soon()));
  }
  CHECK(breaking.is_open());

  fixture.is_up();
  fixture.clock.advance(1s);
  CHECK(call(breaking, PortFunction::find, fixture.soon()) == std::nullopt);
  fixture.is_down();
  for (int i = 0; i != 2; ++i) static_cast<void>(call(breaking, PortFunction::find, fixture.soon()));
  CHECK_FALSE(breaking.is_open());  // what was counted before it opened is over
}

TEST_CASE("circuit breaking: only the port's own trouble is a failure, not what it found wrong") {
  for (const Errc code : all_errors()) {
    CAPTURE(code);
    BreakingFixture fixture;
    CircuitBreaking breaking{fixture.ports, {}, fixture.clock};
    fixture.is_down(code);
    CHECK(call(breaking, PortFunction::find, fixture.soon()) == Error{code});
    CHECK(breaking.is_open() == is_outage(code));
  }
  BreakingFixture fixture;
  CircuitBreaking breaking{fixture.ports, {}, fixture.clock};
  fixture.is_down();
  static_cast<void>(call(breaking, PortFunction::find, fixture.soon()));
  fixture.clock.advance(1s);
  fixture.is_down(Errc::corrupt_draft);
  CHECK(call(breaking, PortFunction::find, fixture.soon()) == Error{Errc::corrupt_draft});
  CHECK_FALSE(breaking.is_open());  // a port that judges is back
}

TEST_CASE("circuit breaking: an exception is a failure, and goes through") {
  BreakingFixture fixture;
  CircuitBreaking breaking{fixture.ports, {}, fixture.clock};
  const auto throws = [](PortFunction) -> std::optional<Error> { throw std::runtime_error{"broken"}; };
  fixture.ports.script = throws;
  CHECK_THROWS_WITH_AS(call(breaking, PortFunction::find, fixture.soon()), "broken", std::runtime_error);
  CHECK(call(breaking, PortFunction::find, fixture.soon()) == refused);
  fixture.clock.advance(1s);
  CHECK_THROWS_AS(call(breaking, PortFunction::find, fixture.soon()), std::runtime_error);  // a probe's too
  CHECK(call(breaking, PortFunction::find, fixture.soon()) == refused);
  fixture.is_up();
  fixture.clock.advance(1s);
  CHECK(call(breaking, PortFunction::find, fixture.soon()) == std::nullopt);
}

TEST_CASE("circuit breaking: a call that had no time to speak of, and ran out of it, says nothing of the port") {
  BreakingFixture fixture;
  CircuitBreaking breaking{fixture.ports, {.fair = 10ms}, fixture.clock};
  const auto in = [&](std::chrono::nanoseconds span) { return Deadline{fixture.clock.steady_now() + span}; };
  fixture.is_down(Errc::deadline_exceeded);
  for (const auto span : {0ns, 1ns, std::chrono::nanoseconds{10ms} - 1ns}) {
    CHECK(call(breaking, PortFunction::set, in(span)) == Error{Errc::deadline_exceeded});
    CHECK_FALSE(breaking.is_open());
  }
  static_cast<void>(call(breaking, PortFunction::set, in(10ms)));
  CHECK(breaking.is_open());

  fixture.clock.advance(1s);
  CHECK(call(breaking, PortFunction::set, in(10ms - 1ns)) == Error{Errc::cache_unavailable});  // nor does it try
  CHECK(fixture.calls() == 4);
  fixture.is_up();
  CHECK(call(breaking, PortFunction::set, in(10ms)) == std::nullopt);

  fixture.is_down(Errc::cache_unavailable);
  static_cast<void>(call(breaking, PortFunction::set, in(1ns)));  // refused: that takes no time
  CHECK(breaking.is_open());
}

TEST_CASE("circuit breaking: a slow database does not take the cache with it") {
  FakePorts ports;
  ports.faults.on(Call::save, 1, Fault::delay, 395ms).on(Call::set, 1, Fault::time_out);
  CircuitBreaking cache{ports.cache, {}, ports.clock};
  EventDraftService service{ports.repository, cache, ports.publisher, {}, ports.clock};
  REQUIRE(service.create_event_draft(sample_command()));
  CHECK_FALSE(cache.is_open());
}

TEST_CASE("circuit breaking: open for ever is open for ever") {
  BreakingFixture fixture;
  CircuitBreaking breaking{fixture.ports, {.open_for = std::chrono::milliseconds::max()}, fixture.clock};
  fixture.is_down();
  static_cast<void>(call(breaking, PortFunction::find, fixture.soon()));
  fixture.clock.advance(24h * 365 * 100);
  CHECK(call(breaking, PortFunction::find, fixture.soon()) == refused);
  CHECK(fixture.calls() == 1);
}

TEST_CASE("circuit breaking: of many threads one tries; when it succeeds all go on") {
  constexpr int threads = 8;
  struct Cache {
    std::atomic<bool> up = false;
    std::atomic<int> calls = 0;
    std::atomic<int> inside = 0;
    std::atomic<int> most_inside = 0;

    Result<std::optional<std::string>> get(std::string_view, Deadline) {
      ++calls;
      const int now_inside = ++inside;
      int most = most_inside;
      while (most < now_inside && !most_inside.compare_exchange_weak(most, now_inside)) {
      }
      std::this_thread::sleep_for(1ms);
      --inside;
      if (!up) return Errc::cache_unavailable;
      return std::nullopt;
    }
    static Result<void> set(std::span<const CacheWrite>, Deadline) { return success(); }
  } cache;
  VirtualClock clock;
  CircuitBreaking breaking{cache, {.open_for = 1s}, clock};
  std::atomic<int> succeeded = 0;
  const auto call_from_all = [&](int times) {
    std::vector<std::jthread> running;
    for (int i = 0; i != threads; ++i) {
      running.emplace_back([&, times] {
        for (int n = 0; n != times; ++n) succeeded += breaking.get("k", Deadline{SteadyTime::max()}) ? 1 : 0;
      });
    }
  };

  call_from_all(50);
  CHECK(breaking.is_open());
  CHECK(cache.calls >= 1);
  CHECK(cache.calls <= threads);  // those who were inside before the first had failed

  for (int round = 0; round != 10; ++round) {
    cache.calls = 0;
    cache.most_inside = 0;
    clock.advance(1s);
    call_from_all(20);
    CHECK(cache.calls == 1);
    CHECK(cache.most_inside == 1);
  }
  CHECK(succeeded == 0);

  cache.up = true;
  clock.advance(1s);
  CHECK(breaking.get("k", Deadline{SteadyTime::max()}).has_value());
  call_from_all(20);
  CHECK(succeeded == threads * 20);
}

TEST_CASE("circuit breaking: threads that open and close it leave it as the port is") {
  constexpr int threads = 4;
  struct Flapping {
    std::atomic<unsigned> calls = 0;
    std::atomic<bool> settled = false;

    Result<void> publish(const EventMessage&, Deadline) {
      if (!settled && ++calls % 3 == 0) return Errc::publisher_unavailable;
      return success();
    }
  } publisher;
  VirtualClock clock;
  CircuitBreaking breaking{publisher, {.failures = 2, .open_for = 1ms}, clock};
  const EventMessage message{draft_created(sample_draft()), "/x"};
  {
    std::vector<std::jthread> running;
    for (int i = 0; i != threads; ++i) {
      running.emplace_back([&] {
        for (int n = 0; n != 2000; ++n) {
          static_cast<void>(breaking.publish(message, Deadline{SteadyTime::max()}));
          clock.advance(100us);
        }
      });
    }
  }
  publisher.settled = true;
  clock.advance(1ms);
  CHECK(breaking.publish(message, Deadline{SteadyTime::max()}).has_value());
  CHECK_FALSE(breaking.is_open());
}

TEST_CASE(
    "circuit: a probe that is given up has failed, so that another can be made; other calls that are given up say "
    "nothing") {
  VirtualClock clock;
  Circuit circuit{{}, clock};
  const auto soon = [&] { return Deadline{clock.steady_now() + 1s}; };
  for (int i = 0; i != 3; ++i) CHECK(circuit.pass(soon()));
  CHECK_FALSE(circuit.is_open());

  circuit.pass(soon()).failed();
  CHECK(circuit.is_open());
  clock.advance(1s);
  CHECK(circuit.pass(soon()));        // the probe, given up
  CHECK_FALSE(circuit.pass(soon()));  // so it is open for another while
  clock.advance(1s);
  auto probe = circuit.pass(soon());
  REQUIRE(probe);
  CHECK_FALSE(circuit.pass(soon()));
  probe.ended(Result<void>{success()});
  CHECK_FALSE(circuit.is_open());
}

TEST_CASE("circuit: calls that began before it opened change nothing when they end: it stays open, and no longer") {
  VirtualClock clock;
  Circuit circuit{{.open_for = 1s}, clock};
  const auto soon = [&] { return Deadline{clock.steady_now() + 1s}; };
  auto succeeds = circuit.pass(soon());
  auto fails = circuit.pass(soon());
  auto fails_later = circuit.pass(soon());
  circuit.pass(soon()).failed();
  succeeds.ended(Result<void>{success()});
  CHECK_FALSE(circuit.pass(soon()));
  clock.advance(1s - 1ns);
  fails.failed();
  clock.advance(1ns);
  const auto probe = circuit.pass(soon());
  REQUIRE(probe);
  fails_later.failed();
  clock.advance(1s);
  CHECK_FALSE(circuit.pass(soon()));  // the probe is still under way
}

TEST_CASE("circuit: a probe that is handed on is the same probe, told once") {
  VirtualClock clock;
  Circuit circuit{{.open_for = 1s}, clock};
  const auto soon = [&] { return Deadline{clock.steady_now() + 1s}; };
  circuit.pass(soon()).failed();
  clock.advance(1s);
  std::optional probe{circuit.pass(soon())};
  REQUIRE(*probe);
  const auto handed_on = *std::move(probe);
  probe.reset();
  clock.advance(1s);
  CHECK_FALSE(circuit.pass(soon()));
}
