#include <event_draft/observer.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include <event_draft.hpp>
#include <event_draft/testing/faults.hpp>
#include <event_draft/testing/mocks.hpp>

using namespace event_draft;
using namespace event_draft::testing;
using namespace std::chrono_literals;

TEST_CASE("every step of a create, in order") {
  FakePorts ports;
  REQUIRE(create(ports));
  CHECK(ports.observer.log() == "lookup miss, validate ok, save ok, cache ok, publish ok");
}

TEST_CASE("every step of a read, in order") {
  FakePorts ports;
  REQUIRE_FALSE(find(ports));
  CHECK(ports.observer.log() == "lookup miss, load miss");
}

TEST_CASE("both tries of a save are heard, and what became of each") {
  FakePorts ports;
  ports.faults.on(Call::save, 1, Fault::apply_then_fail);
  REQUIRE(create(ports));
  CHECK(ports.observer.log() == "lookup miss, validate ok, save failed, save in_progress, cache ok, publish pending");
}

TEST_CASE("a step is reported with its operation, user, draft, duration and the port's own error") {
  FakePorts ports;
  ports.faults.on(Call::get, 1, Fault::fail, 7ms).on(Call::publish, 1, Fault::apply_then_fail, 9ms);
  REQUIRE(create(ports));
  const auto& steps = ports.observer.steps();
  REQUIRE(steps.size() == 5);
  for (const auto& step : steps) {
    CHECK(step.operation == Operation::create);
    CHECK(step.user_id == 123);
  }

  CHECK(steps[0].step == Step::lookup);
  CHECK(steps[0].outcome == StepOutcome::failed);
  CHECK(steps[0].duration == 7ms);
  CHECK(steps[0].draft_id.empty());
  CHECK(steps[0].error == Error{Errc::cache_unavailable});

  CHECK(steps[2].draft_id == "draft-1");
  CHECK(steps[2].error == std::nullopt);
  CHECK(steps[3].draft_id == "draft-1");

  CHECK(steps[4].step == Step::publish);
  CHECK(steps[4].outcome == StepOutcome::pending);
  CHECK(steps[4].duration == 9ms);
  CHECK(steps[4].draft_id == "draft-1");
  CHECK(steps[4].error == Error{Errc::publisher_unavailable, {}, Certainty::unknown});
}

TEST_CASE("a rejected command is reported with the rule that it breaks, and the user as the caller gave it") {
  FakePorts ports;
  REQUIRE_FALSE(create(ports, sample_command(-5)));
  REQUIRE(ports.observer.steps().size() == 1);
  CHECK(ports.observer.steps()[0].user_id == -5);
  CHECK(ports.observer.steps()[0].error == Error{Errc::invalid_user, {Field::user_id}});
}

TEST_CASE("a read says that it is one, and which draft it looked for") {
  FakePorts ports;
  REQUIRE_FALSE(find(ports, DraftId::numbered(9), 7));
  CHECK(ports.observer.steps()[1].operation == Operation::find);
  CHECK(ports.observer.steps()[1].user_id == 7);
  CHECK(ports.observer.steps()[1].draft_id == "draft-9");
}

TEST_CASE("an exception's text is heard before its step's report, at every port") {
  FakePorts ports;
  ports.faults.on(Call::get, 1, Fault::throw_exception)
      .on(Call::save, 1, Fault::throw_int)
      .on(Call::set, 1, Fault::throw_exception)
      .on(Call::publish, 1, Fault::apply_then_throw);
  REQUIRE(create(ports));
  CHECK(ports.observer.log() ==
        "lookup threw: injected, lookup failed, validate ok, "
        "save threw: an exception that is not a std::exception, save failed, save ok, "
        "cache threw: injected, cache failed, publish threw: injected, publish pending");
}

TEST_CASE("an exception while loading is heard too") {
  FakePorts ports;
  ports.faults.on(Call::find, 1, Fault::throw_exception);
  REQUIRE_FALSE(find(ports));
  CHECK(ports.observer.log() == "lookup miss, load threw: injected, load failed");
}

TEST_CASE("an observer can be mocked") {
  MockPorts ports;
  MockObserver observer;
  trompeloeil::sequence order;
  REQUIRE_CALL(ports.cache, get(_, _)).THROW(std::runtime_error{"reset by peer"});
  REQUIRE_CALL(ports.repository, save(_, _)).RETURN(Errc::deadline_exceeded);
  REQUIRE_CALL(observer, on_exception(Step::lookup, "reset by peer")).IN_SEQUENCE(order);
  REQUIRE_CALL(observer, on_step(_)).WITH(_1.step == Step::lookup).IN_SEQUENCE(order);
  REQUIRE_CALL(observer, on_step(_)).WITH(_1.step == Step::validate).IN_SEQUENCE(order);
  REQUIRE_CALL(observer, on_step(_))
      .WITH(_1.step == Step::save && _1.error == Error{Errc::deadline_exceeded})
      .IN_SEQUENCE(order);
  EventDraftService service{accept_event_loss, ports.repository, ports.cache, ports.publisher, {},
                            ports.clock,       observer};
  CHECK(service.create_event_draft(sample_command()).error() == Errc::storage_unavailable);
}

TEST_CASE("the words of outcomes and operations") {
  std::string words;
  for (const auto outcome :
       {StepOutcome::ok, StepOutcome::hit, StepOutcome::miss, StepOutcome::damaged, StepOutcome::foreign,
        StepOutcome::expired, StepOutcome::in_progress, StepOutcome::repeated, StepOutcome::rejected,
        StepOutcome::failed, StepOutcome::pending, StepOutcome::parked, StepOutcome::lost}) {
    words.append(to_string(outcome)).append(" ");
  }
  CHECK(words == "ok hit miss damaged foreign expired in_progress repeated rejected failed pending parked lost ");
  CHECK(to_string(Operation::create) == "create");
  CHECK(to_string(Operation::find) == "find");
  CHECK(to_string(Operation::approve) == "approve");
  CHECK(to_string(Operation::relay) == "relay");
}
