#include <event_draft/decorators/timed.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <stdexcept>
#include <vector>

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

struct Calls {
  std::vector<TimedCall> all;
  void on_call(const TimedCall& call) noexcept { all.push_back(call); }
};

struct SinkThatMayThrow {
  void on_call(const TimedCall&);
};
struct SinkThatAnswers {
  bool on_call(const TimedCall&) noexcept;
};
static_assert(TimingSink<Calls>);
static_assert(!TimingSink<const Calls>);
static_assert(!TimingSink<SinkThatMayThrow>);
static_assert(!TimingSink<SinkThatAnswers>);
static_assert(!TimingSink<int>);

constexpr Deadline no_deadline{SteadyTime::max()};

}  // namespace

TEST_CASE("timed: every call is told, with its function, its time and its outcome") {
  for (const PortFunction function : all_port_functions()) {
    CAPTURE(function);
    VirtualClock clock;
    ScriptedPorts ports;
    Calls sink;
    Timed timed{ports, sink, clock};
    ports.script = [&](PortFunction) {
      clock.advance(7ms);
      return std::nullopt;
    };
    CHECK(call(timed, function, no_deadline) == std::nullopt);
    const Error error{unavailable(function), {Field::address}, Certainty::applied};
    ports.script = [&](PortFunction) {
      clock.advance(9ms);
      return std::optional{error};
    };
    CHECK(call(timed, function, no_deadline) == error);
    REQUIRE(sink.all.size() == 2);
    CHECK(sink.all[0] == TimedCall{function, 7ms, std::nullopt});
    CHECK(sink.all[1] == TimedCall{function, 9ms, error});
  }
}

TEST_CASE("timed: an exception is told as what it comes to, and goes through") {
  VirtualClock clock;
  ScriptedPorts ports;
  Calls sink;
  Timed timed{ports, sink, clock};
  ports.script = [&](PortFunction) -> std::optional<Error> {
    clock.advance(3ms);
    throw std::runtime_error{"broken"};
  };
  CHECK_THROWS_WITH_AS(call(timed, PortFunction::set, no_deadline), "broken", std::runtime_error);
  REQUIRE(sink.all.size() == 1);
  CHECK(sink.all[0] == TimedCall{PortFunction::set, 3ms, Error{Errc::port_exception, {}, Certainty::unknown}});
}

TEST_CASE("timed: what waits for nothing is not told") {
  ScriptedPorts ports;
  Calls sink;
  Timed timed{ports, sink};
  timed.settle_later(test::sample_settlement);
  CHECK(ports.settled_later == 1);
  CHECK(sink.all.empty());
}

// [one-sink]
TEST_CASE("one sink may hear all ports of a service") {
  FakePorts ports;
  ports.faults.on(Call::get, 1, Fault::time_out).on(Call::save, 1, Fault::delay, 20ms);
  Calls sink;  // its on_call(const TimedCall&) noexcept remembers them all
  Timed repository{ports.repository, sink, ports.clock};
  Timed cache{ports.cache, sink, ports.clock};
  Timed publisher{ports.publisher, sink, ports.clock};
  EventDraftService service{repository, cache, publisher, {}, ports.clock};
  REQUIRE(service.create_event_draft(sample_command()));
  CHECK(sink.all == std::vector<TimedCall>{{PortFunction::get, 50ms, Error{Errc::deadline_exceeded}},
                                           {PortFunction::save, 20ms, std::nullopt},
                                           {PortFunction::set, 0ms, std::nullopt},
                                           {PortFunction::publish, 0ms, std::nullopt}});
}
// [/one-sink]
