#include <event_draft/decorators/retrying.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

#include <event_draft/testing/drive.hpp>
#include <event_draft/testing/faults.hpp>
#include <event_draft/testing/printing.hpp>

#include "all_errors.hpp"
#include "scripted_ports.hpp"

using namespace event_draft;
using namespace event_draft::testing;
using namespace std::chrono_literals;
using test::all_port_functions;
using test::call;
using test::ScriptedPorts;

namespace {

/// Its waits take virtual time, and are remembered.
struct RetryingFixture {
  VirtualClock clock;
  ScriptedPorts ports;
  std::vector<std::chrono::nanoseconds> waits;

  /// The errors of the first calls; those after succeed.
  void fails_with(std::vector<Error> errors) {
    ports.script = [errors, this](PortFunction) {
      return ports.calls.size() <= errors.size() ? std::optional{errors[ports.calls.size() - 1]} : std::nullopt;
    };
  }

  auto retrying(RetryOptions options = {}) {
    return Retrying{ports, options, clock, [this](std::chrono::nanoseconds span) {
                      waits.push_back(span);
                      clock.advance(span);
                    }};
  }

  [[nodiscard]] Deadline in(std::chrono::nanoseconds span) const { return Deadline{clock.steady_now() + span}; }
};

/// Without jitter: half of a millisecond is none.
constexpr RetryOptions one_millisecond{.tries = 10, .backoff = {1ms, 1ms}};

}  // namespace

TEST_CASE("retrying: what is known not to be there is tried again, whatever it is") {
  for (const PortFunction function : all_port_functions()) {
    CAPTURE(function);
    RetryingFixture fixture;
    fixture.fails_with({unavailable(function), Errc::deadline_exceeded});
    auto retrying = fixture.retrying();
    CHECK(call(retrying, function, fixture.in(1s)) == std::nullopt);
    CHECK(fixture.ports.calls == std::vector(3, function));
    CHECK(fixture.waits.size() == 2);
  }
}

TEST_CASE("retrying: what may be there is tried again only if that hides nothing") {
  for (const PortFunction function : all_port_functions()) {
    for (const Certainty certainty : {Certainty::unknown, Certainty::applied}) {
      CAPTURE(function);
      CAPTURE(certainty);
      RetryingFixture fixture;
      const Error error{unavailable(function), {}, certainty};
      fixture.fails_with({error});
      auto retrying = fixture.retrying();
      const auto outcome = call(retrying, function, fixture.in(1s));
      CHECK(outcome == (is_repeatable(function) ? std::nullopt : std::optional{error}));
      CHECK(fixture.ports.calls.size() == (is_repeatable(function) ? 2 : 1));
    }
  }
}

TEST_CASE("retrying: what the port found wrong with the request is not asked again") {
  for (const Errc code : all_errors()) {
    if (is_outage(code)) continue;
    CAPTURE(code);
    RetryingFixture fixture;
    fixture.fails_with({code});
    auto retrying = fixture.retrying();
    CHECK(call(retrying, PortFunction::get, fixture.in(1s)) == Error{code});
    CHECK(fixture.ports.calls.size() == 1);
  }
}

TEST_CASE("retrying: after so many tries the last error stands") {
  for (const auto& [allowed, made] : {std::pair{3, 3U}, std::pair{1, 1U}, std::pair{0, 1U}, std::pair{-1, 1U}}) {
    CAPTURE(allowed);
    RetryingFixture fixture;
    fixture.fails_with(std::vector<Error>(10, Errc::storage_unavailable));
    auto retrying = fixture.retrying({.tries = allowed});
    CHECK(call(retrying, PortFunction::save, fixture.in(1h)) == Error{Errc::storage_unavailable});
    CHECK(fixture.ports.calls.size() == made);
    CHECK(fixture.waits.size() == made - 1);
  }
}

TEST_CASE("retrying: the waits grow, up to the most") {
  RetryingFixture fixture;
  fixture.fails_with(std::vector<Error>(10, Errc::storage_unavailable));
  auto retrying = fixture.retrying({.tries = 6, .backoff = {10ms, 40ms}});
  static_cast<void>(call(retrying, PortFunction::save, fixture.in(1h)));
  REQUIRE(fixture.waits.size() == 5);
  const std::vector<std::chrono::nanoseconds> longest{10ms, 20ms, 40ms, 40ms, 40ms};
  for (std::size_t i = 0; i != longest.size(); ++i) {
    CHECK(fixture.waits[i] <= longest[i]);
    CHECK(fixture.waits[i] >= longest[i] / 2);
  }
}

TEST_CASE("retrying: calls that fail at the same moment wait for different spans") {
  RetryingFixture fixture;
  std::vector<std::chrono::nanoseconds> waits;
  Retrying retrying{fixture.ports, {.backoff = {1h, 1h}}, fixture.clock, [&](auto span) { waits.push_back(span); }};
  fixture.fails_with(std::vector<Error>(6, Errc::storage_unavailable));
  for (int i = 0; i != 3; ++i) static_cast<void>(call(retrying, PortFunction::find, fixture.in(24h)));
  CHECK(std::set(waits.begin(), waits.end()).size() == waits.size());
}

TEST_CASE("retrying: a wait that would end at the deadline or past it is not begun") {
  RetryingFixture fixture;
  fixture.fails_with(std::vector<Error>(10, Errc::storage_unavailable));
  auto retrying = fixture.retrying(one_millisecond);
  const SteadyTime began = fixture.clock.steady_now();
  CHECK(call(retrying, PortFunction::save, fixture.in(1ms)) == Error{Errc::storage_unavailable});
  CHECK(fixture.ports.calls.size() == 1);
  CHECK(fixture.clock.steady_now() == began);
  CHECK(call(retrying, PortFunction::save, fixture.in(3ms + 1ns)) == Error{Errc::storage_unavailable});
  CHECK(fixture.ports.calls.size() == 1 + 4);
  CHECK(fixture.clock.steady_now() == began + 3ms);
}

TEST_CASE("retrying: a call that used up its time is not tried again") {
  FakePorts ports;
  ports.faults.always(Call::get, Fault::time_out);
  Retrying cache{ports.cache, {}, ports.clock, [&](auto span) { ports.clock.advance(span); }};
  CHECK(cache.get("k", Deadline{ports.clock.steady_now() + 50ms}).error() == Errc::deadline_exceeded);
  CHECK(ports.faults.count(Call::get) == 1);
  CHECK(ports.clock.steady_now() == SteadyTime{} + 50ms);
}

TEST_CASE("retrying: an exception goes through, and is not tried again") {
  RetryingFixture fixture;
  fixture.ports.script = [](PortFunction) -> std::optional<Error> { throw std::runtime_error{"broken"}; };
  auto retrying = fixture.retrying();
  CHECK_THROWS_WITH_AS(call(retrying, PortFunction::get, fixture.in(1s)), "broken", std::runtime_error);
  CHECK(fixture.ports.calls.size() == 1);
}

TEST_CASE("retrying: a doubt that one try left is not forgotten over the next") {
  const Error doubtful{Errc::publisher_unavailable, {}, Certainty::unknown};
  const Error not_sent{Errc::publisher_unavailable};
  const Error rejected{Errc::event_rejected};
  struct Case {
    std::vector<Error> errors;
    Error outcome;
  };
  for (const auto& [errors, outcome] : {
           Case{{not_sent, not_sent, not_sent}, not_sent},
           Case{{doubtful, not_sent, not_sent}, doubtful},
           Case{{not_sent, doubtful, not_sent}, doubtful},
           Case{{not_sent, not_sent, doubtful}, doubtful},
           Case{{doubtful, rejected}, {Errc::event_rejected, {}, Certainty::unknown}},
           Case{{not_sent, rejected}, rejected},
       }) {
    RetryingFixture fixture;
    fixture.fails_with(errors);
    auto retrying = fixture.retrying();
    CHECK(call(retrying, PortFunction::publish, fixture.in(1s)) == outcome);
    CHECK(fixture.ports.calls.size() == errors.size());
  }
}

TEST_CASE("retrying: by itself it waits on its thread, for as long as the deadline allows") {
  ScriptedPorts ports;
  ports.script = [&](PortFunction) {
    return ports.calls.size() < 3 ? std::optional<Error>{Errc::cache_unavailable} : std::nullopt;
  };
  Retrying retrying{ports, {.backoff = {10ms, 10ms}}};
  const auto began = std::chrono::steady_clock::now();
  CHECK(retrying.get("k", Deadline::after(10s)).has_value());
  CHECK(std::chrono::steady_clock::now() - began >= 10ms);
}

// [back-in-a-moment]
TEST_CASE("a repository that is back in a moment costs no request") {
  FakePorts ports;
  ports.faults.on(Call::save, 1, Fault::fail).on(Call::save, 2, Fault::fail);
  const auto wait = [&](std::chrono::nanoseconds span) { ports.clock.advance(span); };
  Retrying repository{ports.repository, {.tries = 3, .backoff = {5ms, 50ms}}, ports.clock, wait};
  EventDraftService service{repository, ports.cache, ports.publisher, {}, ports.clock};
  CHECK(service.create_event_draft(sample_command()).value().event == EventDelivery::acknowledged);
  CHECK(ports.faults.log() == "get save(fail) save(fail) save set publish");
}
// [/back-in-a-moment]

TEST_CASE("retrying: a save in doubt is left to the service, which knows its own draft") {
  FakePorts ports;
  ports.faults.on(Call::save, 1, Fault::apply_then_fail);
  Retrying repository{ports.repository, {}, ports.clock, [&](auto span) { ports.clock.advance(span); }};
  EventDraftService service{repository, ports.cache, ports.publisher, {}, ports.clock};
  const auto receipt = service.create_event_draft(sample_command());
  REQUIRE(receipt);
  CHECK(receipt.value().origin == Origin::created);
  CHECK(ports.clock.steady_now() == SteadyTime{});
  CHECK(ports.fake_repository.size() == 1);
}
