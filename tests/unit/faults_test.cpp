#include <event_draft/testing/faults.hpp>

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <vector>

#include <event_draft/testing/printing.hpp>
#include <event_draft/testing/samples.hpp>

#include "scripted_ports.hpp"

using namespace event_draft;
using namespace event_draft::testing;
using namespace std::chrono_literals;

namespace {

Deadline soon(const FakePorts& ports) { return Deadline{ports.clock.steady_now() + 1s}; }

}  // namespace

TEST_CASE("without a plan every call reaches its port") {
  FakePorts ports;
  CHECK(ports.repository.save(sample_new_draft(), soon(ports)).value() == inserted(sample_draft(), LeaseToken{1}));
  CHECK(ports.repository.find(DraftId::numbered(1), soon(ports)).value() == sample_draft());
  CHECK(ports.cache.set(std::array{CacheWrite{"k", "v", 1s}}, soon(ports)).has_value());
  CHECK(ports.cache.get("k", soon(ports)).value() == "v");
  CHECK(ports.publisher.publish(EventMessage{draft_created(sample_draft()), "/x"}, soon(ports)).has_value());
  CHECK(ports.fake_publisher.size() == 1);
  CHECK(ports.faults.log() == "save find set get publish");
}

TEST_CASE("an error is the port's own kind, and says what is known of the effect, in every function") {
  for (const PortFunction function : test::all_port_functions()) {
    CAPTURE(function);
    VirtualClock clock;
    FaultPlan plan{clock};
    test::ScriptedPorts ports;
    Faulty faulty{ports, plan};
    plan.on(function, 1, Fault::fail).on(function, 2, Fault::fail_unknown).on(function, 3, Fault::apply_then_fail);
    const Deadline deadline{clock.steady_now() + 1s};
    CHECK(test::call(faulty, function, deadline) == Error{unavailable(function)});
    CHECK(test::call(faulty, function, deadline) == Error{unavailable(function), {}, Certainty::unknown});
    CHECK(ports.calls.empty());
    CHECK(test::call(faulty, function, deadline) == Error{unavailable(function), {}, Certainty::unknown});
    CHECK(test::call(faulty, function, deadline) == std::nullopt);
    CHECK(ports.calls == std::vector(2, function));
    CHECK(plan.count(function) == 4);
  }
}

TEST_CASE("what an outbox is told to settle later goes through, whatever is planned") {
  VirtualClock clock;
  FaultPlan plan{clock};
  test::ScriptedPorts ports;
  Faulty faulty{ports, plan};
  plan.always(PortFunction::settle, Fault::throw_exception);
  faulty.settle_later(test::sample_settlement);
  CHECK(ports.settled_later == 1);
  CHECK(plan.entries().empty());
}

TEST_CASE("a repository without its outbox stores and approves the same, and gives no leases") {
  FakePortsWithoutOutbox ports;
  const Deadline deadline{ports.clock.steady_now() + 1s};
  const UserId user = UserId::make(sample_user).value();
  CHECK(ports.repository.save(sample_new_draft(), deadline).value() == inserted(sample_draft()));
  CHECK(ports.repository.find(DraftId::numbered(1), deadline).value() == sample_draft());
  CHECK(ports.repository.approve({DraftId::numbered(2), user, {}}, deadline).value() == std::nullopt);
  CHECK(ports.repository.approve({DraftId::numbered(1), user, {}}, deadline).value() ==
        ApprovedDraft{approved(sample_draft()), true});
  CHECK(ports.faults.log() == "save find approve approve");
  ports.faults.always(Call::save, Fault::fail).always(Call::approve, Fault::fail);
  CHECK(ports.repository.save(sample_new_draft(), deadline).error() == Error{Errc::storage_unavailable});
  CHECK(ports.repository.approve({DraftId::numbered(1), user, {}}, deadline).error() ==
        Error{Errc::storage_unavailable});
}

TEST_CASE("faults that come after the effect, and faults that keep it away") {
  const auto save = [](FakePorts& ports) { return ports.repository.save(sample_new_draft(), soon(ports)); };

  SUBCASE("apply_then_fail") {
    FakePorts ports;
    ports.faults.on(Call::save, 1, Fault::apply_then_fail);
    CHECK(save(ports).error() == Error{Errc::storage_unavailable, {}, Certainty::unknown});
    CHECK(ports.fake_repository.size() == 1);
  }
  SUBCASE("apply_then_throw") {
    FakePorts ports;
    ports.faults.on(Call::save, 1, Fault::apply_then_throw);
    CHECK_THROWS_WITH_AS(static_cast<void>(save(ports)), "injected", std::runtime_error);
    CHECK(ports.fake_repository.size() == 1);
  }
  SUBCASE("throw_exception") {
    FakePorts ports;
    ports.faults.on(Call::save, 1, Fault::throw_exception);
    CHECK_THROWS_WITH_AS(static_cast<void>(save(ports)), "injected", std::runtime_error);
    CHECK(ports.fake_repository.size() == 0);
  }
  SUBCASE("throw_int") {
    FakePorts ports;
    ports.faults.on(Call::save, 1, Fault::throw_int);
    CHECK_THROWS_AS(static_cast<void>(save(ports)), int);
    CHECK(ports.fake_repository.size() == 0);
  }
  SUBCASE("time_out") {
    FakePorts ports;
    ports.faults.on(Call::save, 1, Fault::time_out);
    const Deadline deadline = soon(ports);
    CHECK(ports.repository.save(sample_new_draft(), deadline).error() == Error{Errc::deadline_exceeded});
    CHECK(ports.fake_repository.size() == 0);
    CHECK(ports.clock.steady_now() == deadline.at());
  }
  SUBCASE("delay") {
    FakePorts ports;
    ports.faults.on(Call::save, 1, Fault::delay, 2s);
    CHECK(save(ports).value() == inserted(sample_draft(), LeaseToken{1}));
    CHECK(ports.clock.now() == VirtualClock::start + 2s);
  }
}

TEST_CASE("any answer can come late") {
  FakePorts ports;
  ports.faults.on(Call::get, 1, Fault::fail, 3ms).on(Call::get, 2, Fault::throw_int, 4ms);
  CHECK(ports.cache.get("k", soon(ports)).error() == Errc::cache_unavailable);
  CHECK(ports.clock.now() == VirtualClock::start + 3ms);
  CHECK_THROWS_AS(static_cast<void>(ports.cache.get("k", soon(ports))), int);
  CHECK(ports.clock.now() == VirtualClock::start + 7ms);
}

TEST_CASE("each function's calls are counted by themselves; the nth goes wrong, the others as always") {
  FakePorts ports;
  ports.faults.on(Call::get, 2, Fault::fail).always(Call::set, Fault::fail).on(Call::set, 2, Fault::none);
  for (int i = 0; i < 3; ++i) {
    static_cast<void>(ports.cache.get("k", soon(ports)));
    static_cast<void>(ports.cache.set(std::array{CacheWrite{"k", "v", 1s}}, soon(ports)));
  }
  CHECK(ports.faults.log() == "get set(fail) get(fail) set get set(fail)");
  CHECK(ports.faults.count(Call::get) == 3);
  CHECK(ports.faults.count(Call::save) == 0);
  CHECK(ports.fake_cache.size() == 1);
}

TEST_CASE("the log keeps the deadlines that the ports were given") {
  FakePorts ports;
  static_cast<void>(ports.cache.get("k", Deadline{SteadyTime{} + 7ms}));
  REQUIRE(ports.faults.entries().size() == 1);
  CHECK(ports.faults.entries()[0].deadline == Deadline{SteadyTime{} + 7ms});
}

TEST_CASE("over the system's clock a late answer is waited for") {
  FakeDraftCache cache;
  FaultPlan plan;
  Faulty faulty{cache, plan};
  plan.on(Call::get, 1, Fault::delay, 5ms).on(Call::get, 2, Fault::time_out);
  const SteadyTime began = system_clock.steady_now();
  CHECK(faulty.get("k", Deadline::after(1s)).value() == std::nullopt);
  CHECK(system_clock.steady_now() - began >= 5ms);
  const Deadline deadline = Deadline::after(5ms);
  CHECK(faulty.get("k", deadline).error() == Errc::deadline_exceeded);
  CHECK(deadline.expired());
}

TEST_CASE("faulty ports are ports") {
  CHECK(check_port<decltype(FakePorts::repository), Port::repository>());
  CHECK(check_port<decltype(FakePorts::repository), Port::approval>());
  CHECK(check_port<decltype(FakePorts::repository), Port::outbox>());
  CHECK(check_port<decltype(FakePorts::repository), Port::upkeep>());
  CHECK(check_port<decltype(FakePorts::repository), Port::administration>());
  CHECK(check_port<decltype(FakePorts::cache), Port::cache>());
  CHECK(check_port<decltype(FakePorts::publisher), Port::publisher>());
}

TEST_CASE("the words of calls and faults") {
  CHECK(to_string(Call::save) == "save");
  CHECK(to_string(Call::publish) == "publish");
  CHECK(to_string(Fault::none) == "none");
  CHECK(to_string(Fault::apply_then_throw) == "apply_then_throw");
}
