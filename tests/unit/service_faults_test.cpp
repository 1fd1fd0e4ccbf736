#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <initializer_list>
#include <utility>

#include <event_draft.hpp>
#include <event_draft/testing/drive.hpp>
#include <event_draft/testing/faults.hpp>
#include <event_draft/testing/printing.hpp>

#include "samples.hpp"

using namespace event_draft;
using namespace event_draft::testing;
using namespace std::chrono_literals;

namespace {

constexpr std::array port_faults{
    Fault::fail,      Fault::fail_unknown,    Fault::time_out,        Fault::throw_exception,
    Fault::throw_int, Fault::apply_then_fail, Fault::apply_then_throw};
constexpr std::array unknown_faults{Fault::fail_unknown, Fault::throw_exception, Fault::throw_int,
                                    Fault::apply_then_fail, Fault::apply_then_throw};

/// Lets the relay deliver what is pending, once every lease is over.
void relay(FakePorts& ports) {
  ports.clock.advance(2s);
  OutboxRelay relay{ports.repository, ports.publisher, {}, ports.clock};
  static_cast<void>(relay.run_once());
}

/// A draft of the same user that another request stored a minute before.
EventDraft store_earlier_draft(FakePorts& ports) {
  NewEventDraft draft = sample_new_draft();
  draft.created_at -= 1min;
  return ports.fake_repository.save(draft, Deadline{ports.clock.steady_now() + 1s}).value().draft;
}

}  // namespace

TEST_SUITE("save") {
  TEST_CASE("not applied: the request fails, is not tried again, and nothing is cached or published") {
    for (const Fault fault : {Fault::fail, Fault::time_out}) {
      CAPTURE(to_string(fault));
      FakePorts ports;
      ports.faults.on(Call::save, 1, fault);
      const auto receipt = create(ports);
      REQUIRE_FALSE(receipt);
      CHECK(receipt.error() == Error{Errc::storage_unavailable});
      CHECK(ports.faults.count(Call::save) == 1);
      CHECK(ports.fake_cache.size() == 0);
      CHECK(ports.fake_publisher.size() == 0);
      CHECK(ports.observer.log() == "lookup miss, validate ok, save failed");
    }
  }

  TEST_CASE("unknown: tried once more, and however the first try ended there is one draft and one event") {
    for (const Fault fault : unknown_faults) {
      CAPTURE(to_string(fault));
      FakePorts ports;
      ports.faults.on(Call::save, 1, fault);
      const auto receipt = create(ports);
      REQUIRE(receipt);
      CHECK(receipt.value().draft == sample_draft());
      CHECK(receipt.value().origin == Origin::created);
      const bool was_applied = fault == Fault::apply_then_fail || fault == Fault::apply_then_throw;
      CHECK(receipt.value().event == (was_applied ? EventDelivery::pending : EventDelivery::acknowledged));
      CHECK(ports.faults.count(Call::save) == 2);
      CHECK(ports.fake_repository.size() == 1);
      CHECK(ports.fake_publisher.size() == (was_applied ? 0U : 1U));
      relay(ports);
      CHECK(ports.fake_publisher.size() == 1);
      CHECK(ports.fake_cache.size() == 2);
    }
  }

  TEST_CASE("unknown twice: the request fails, and says that the draft may be there") {
    for (const Fault second : {Fault::fail, Fault::fail_unknown, Fault::throw_int, Fault::apply_then_fail}) {
      CAPTURE(to_string(second));
      FakePorts ports;
      ports.faults.on(Call::save, 1, Fault::fail_unknown).on(Call::save, 2, second);
      const auto receipt = create(ports);
      REQUIRE_FALSE(receipt);
      CHECK(receipt.error() == Error{Errc::storage_unavailable, {}, Certainty::unknown});
      CHECK(ports.faults.count(Call::save) == 2);
      CHECK(ports.fake_publisher.size() == 0);
    }
  }

  TEST_CASE("unknown is tried again within the deadline, not after it") {
    for (const auto& [late, tries] : {std::pair{399ms, 2U}, std::pair{400ms, 1U}, std::pair{2000ms, 1U}}) {
      CAPTURE(late.count());
      FakePorts ports;
      ports.faults.on(Call::save, 1, Fault::apply_then_fail, late);
      const auto receipt = create(ports);
      CHECK(ports.faults.count(Call::save) == tries);
      CHECK(receipt.has_value() == (tries == 2));
      if (!receipt) CHECK(receipt.error() == Error{Errc::storage_unavailable, {}, Certainty::unknown});
    }
  }

  TEST_CASE("unknown, and the window was another request's all along: that draft comes back, without an event") {
    FakePorts ports;
    const EventDraft earlier = store_earlier_draft(ports);
    ports.faults.on(Call::save, 1, Fault::fail_unknown);
    const auto receipt = create(ports);
    REQUIRE(receipt);
    CHECK(receipt.value().draft == earlier);
    CHECK(receipt.value().origin == Origin::in_progress);
    CHECK(receipt.value().event == EventDelivery::none);
    CHECK(ports.fake_publisher.size() == 0);
  }

  TEST_CASE("unknown while replacing: the retry recognises its own draft") {
    FakePorts ports;
    REQUIRE(create(ports));
    ports.clock.advance(1s);
    ports.faults.on(Call::save, 2, Fault::apply_then_fail);
    const auto receipt =
        create(ports, with_objective("매출 증대"), {.in_progress = InProgressPolicy::replace_if_different});
    REQUIRE(receipt);
    CHECK(receipt.value().draft.id == DraftId::numbered(2));
    CHECK(receipt.value().origin == Origin::created);
    CHECK(ports.fake_repository.size() == 2);
    CHECK(ports.fake_publisher.size() == 1);
    relay(ports);
    CHECK(ports.fake_publisher.size() == 2);
  }

  TEST_CASE("unknown while replacing a holder that only the repository knew: tried again all the same") {
    FakePorts ports;
    REQUIRE(create(ports));
    ports.fake_cache.flush();
    ports.clock.advance(1s);
    ports.faults.on(Call::save, 3, Fault::fail_unknown);
    const auto receipt =
        create(ports, with_objective("매출 증대"), {.in_progress = InProgressPolicy::replace_if_different});
    REQUIRE(receipt);
    CHECK(receipt.value().draft.id == DraftId::numbered(2));
    CHECK(receipt.value().origin == Origin::created);
  }

  TEST_CASE(
      "unknown, and then the replacement of another request's draft is refused: the first try may be there still") {
    FakePorts ports;
    REQUIRE(create(ports));
    ports.fake_cache.flush();
    ports.faults.on(Call::save, 2, Fault::fail_unknown).on(Call::save, 4, Fault::fail).on(Call::save, 5, Fault::fail);
    const auto receipt =
        create(ports, with_objective("매출 증대"), {.in_progress = InProgressPolicy::replace_if_different});
    REQUIRE_FALSE(receipt);
    CHECK(receipt.error() == Error{Errc::storage_unavailable, {}, Certainty::unknown});
    CHECK(ports.faults.count(Call::save) == 5);
  }

  TEST_CASE("a cache that still names the draft that was replaced keeps nobody from replacing the holder") {
    const Options replacing{.in_progress = InProgressPolicy::replace_if_different};
    FakePorts ports;
    REQUIRE(create(ports));
    ports.faults.on(Call::set, 2, Fault::fail);
    REQUIRE(create(ports, with_objective("매출 증대"), replacing).value().draft.id == DraftId::numbered(2));
    const auto third = create(ports, with_objective("인지도 향상"), replacing);
    REQUIRE(third);
    CHECK(third.value().draft.id == DraftId::numbered(3));
    CHECK(third.value().origin == Origin::created);
  }

  TEST_CASE("with the cache down the same request replaces nothing") {
    FakePorts ports;
    ports.faults.always(Call::get, Fault::fail).always(Call::set, Fault::fail);
    for (int i = 0; i < 2; ++i) {
      REQUIRE(create(ports, sample_command(), {.in_progress = InProgressPolicy::replace_if_different}));
    }
    CHECK(ports.fake_repository.size() == 1);
  }

  TEST_CASE("a request that failed can be sent again") {
    FakePorts ports;
    ports.faults.on(Call::save, 1, Fault::apply_then_fail, 500ms);
    REQUIRE_FALSE(create(ports));
    const auto again = create(ports);
    REQUIRE(again);
    CHECK(again.value().draft == sample_draft());
    CHECK(again.value().origin == Origin::in_progress);
    CHECK(ports.fake_repository.size() == 1);
  }
}

TEST_SUITE("cache") {
  TEST_CASE("a look-up that fails is gone without, and the receipt says so") {
    for (const Fault fault : port_faults) {
      CAPTURE(to_string(fault));
      FakePorts ports;
      ports.faults.on(Call::get, 1, fault);
      const auto receipt = create(ports);
      REQUIRE(receipt);
      CHECK(receipt.value().origin == Origin::created);
      CHECK(receipt.value().degraded == samples::only(Step::lookup));
      CHECK(receipt.value().event == EventDelivery::acknowledged);
    }
  }

  TEST_CASE("a look-up that hangs costs its own 50 ms and no more") {
    FakePorts ports;
    ports.faults.on(Call::get, 1, Fault::time_out);
    const auto receipt = create(ports);
    REQUIRE(receipt);
    CHECK(receipt.value().degraded == samples::only(Step::lookup));
    CHECK(receipt.value().durations[Step::lookup] == 50ms);
    CHECK(receipt.value().event == EventDelivery::acknowledged);
  }

  TEST_CASE("a write that fails is gone without, and the event is still published") {
    for (const Fault fault : port_faults) {
      CAPTURE(to_string(fault));
      FakePorts ports;
      ports.faults.on(Call::set, 1, fault);
      const auto receipt = create(ports);
      REQUIRE(receipt);
      CHECK(receipt.value().origin == Origin::created);
      CHECK(receipt.value().degraded == samples::only(Step::cache));
      CHECK(receipt.value().event == EventDelivery::acknowledged);
    }
  }

  TEST_CASE("with the cache down there is still one draft a user") {
    FakePorts ports;
    ports.faults.always(Call::get, Fault::fail).always(Call::set, Fault::throw_exception);
    REQUIRE(create(ports).value().origin == Origin::created);
    const auto second = create(ports);
    REQUIRE(second);
    CHECK(second.value().origin == Origin::in_progress);
    CHECK(second.value().degraded == samples::only(Step::lookup));
    CHECK(ports.fake_repository.size() == 1);
    CHECK(ports.fake_publisher.size() == 1);
  }

  TEST_CASE("a read goes on without the cache") {
    FakePorts ports;
    REQUIRE(create(ports));
    ports.faults.always(Call::get, Fault::throw_int).always(Call::set, Fault::fail);
    const auto found = find(ports);
    REQUIRE(found);
    CHECK(found.value().draft == sample_draft());
    CHECK_FALSE(found.value().from_cache);
    CHECK(found.value().degraded.contains(Step::lookup));
    CHECK(found.value().degraded.contains(Step::cache));
  }

  TEST_CASE("a flushed cache is filled again by a read") {
    FakePorts ports;
    REQUIRE(create(ports));
    ports.fake_cache.flush();
    CHECK_FALSE(find(ports).value().from_cache);
    CHECK(find(ports).value().from_cache);
    CHECK(ports.faults.count(Call::find) == 1);
  }
}

TEST_SUITE("publish") {
  // [fault]
  TEST_CASE("an event that is not acknowledged is pending: the draft stands, and the relay delivers it") {
    for (const Fault fault : port_faults) {
      CAPTURE(to_string(fault));
      FakePorts ports;
      ports.faults.on(Call::publish, 1, fault);
      const auto receipt = create(ports);
      REQUIRE(receipt);
      CHECK(receipt.value().draft == sample_draft());
      CHECK(receipt.value().event == EventDelivery::pending);
      CHECK(ports.observer.steps().back().outcome == StepOutcome::pending);
      OutboxRelay relay{ports.repository, ports.publisher, {}, ports.clock};
      CHECK(relay.run_once().published == 1);
      CHECK(ports.fake_publisher.messages().back().id == "draft-1.EventDraftCreated");
    }
  }
  // [/fault]

  TEST_CASE("without an outbox it is lost: the draft stands, and the observer is told") {
    for (const Fault fault : port_faults) {
      CAPTURE(to_string(fault));
      FakePortsWithoutOutbox ports;
      ports.faults.on(Call::publish, 1, fault);
      const auto receipt = create(ports);
      REQUIRE(receipt);
      CHECK(receipt.value().draft == sample_draft());
      CHECK(receipt.value().origin == Origin::created);
      CHECK(receipt.value().event == EventDelivery::lost);
      CHECK(receipt.value().degraded.empty());
      CHECK(ports.faults.count(Call::publish) == 1);
      CHECK(ports.observer.steps().back().outcome == StepOutcome::lost);
    }
  }
}

TEST_SUITE("load") {
  TEST_CASE("a repository that can't be read makes a read fail") {
    for (const Fault fault :
         {Fault::fail, Fault::fail_unknown, Fault::time_out, Fault::throw_exception, Fault::throw_int}) {
      CAPTURE(to_string(fault));
      FakePorts ports;
      ports.faults.on(Call::find, 1, fault);
      const auto found = find(ports);
      REQUIRE_FALSE(found);
      CHECK(found.error() == Errc::storage_unavailable);
      CHECK(ports.faults.count(Call::set) == 0);
    }
  }
}

TEST_SUITE("time") {
  TEST_CASE(
      "every port is told when it must be done: the cache in 50 ms each time, the save in 400, the publish in 500") {
    FakePortsWithoutOutbox ports;
    ports.clock.advance(1h);
    const SteadyTime began = ports.clock.steady_now();
    ports.faults.on(Call::get, 1, Fault::delay, 20ms).on(Call::save, 1, Fault::delay, 100ms);
    REQUIRE(create(ports));
    REQUIRE(ports.faults.log() == "get(delay) save(delay) set publish");
    const auto entries = ports.faults.entries();
    CHECK(entries[0].deadline == Deadline{began + 50ms});
    CHECK(entries[1].deadline == Deadline{began + 400ms});
    CHECK(entries[2].deadline == Deadline{began + 120ms + 50ms});
    CHECK(entries[3].deadline == Deadline{began + 500ms});
  }

  TEST_CASE("a read: the look-up in 50 ms, the load in 500") {
    FakePorts ports;
    REQUIRE_FALSE(find(ports));
    REQUIRE(ports.faults.log() == "get find");
    CHECK(ports.faults.entries()[0].deadline == Deadline{SteadyTime{} + 50ms});
    CHECK(ports.faults.entries()[1].deadline == Deadline{SteadyTime{} + 500ms});
  }

  TEST_CASE("a save that takes all the time that it has, and a cache that hangs after it, lose no event") {
    for (const auto late : {349ms, 350ms, 399ms, 400ms, 450ms}) {
      CAPTURE(late.count());
      FakePorts ports;
      ports.faults.on(Call::save, 1, Fault::delay, late).on(Call::set, 1, Fault::time_out);
      const auto receipt = create(ports);
      REQUIRE(receipt);
      CHECK(receipt.value().event == EventDelivery::acknowledged);
    }
  }

  TEST_CASE("an endless budget is endless") {
    FakePorts ports;
    ports.clock.advance(1h);
    constexpr Budget endless{
        .request = std::chrono::milliseconds::max(), .publish = 0ms, .cache = std::chrono::hours{24 * 365 * 300}};
    REQUIRE(create(ports, sample_command(), {.budget = endless}));
    CHECK(ports.faults.entries()[1].deadline == Deadline{SteadyTime::max()});
  }

  TEST_CASE("an observer's time is not taken from the step after it") {
    FakePorts ports;
    struct SlowObserver {
      VirtualClock& clock;
      void on_step(const StepReport&) noexcept { clock.advance(60ms); }
      void on_exception(Step, std::string_view) noexcept {}
    } observer{ports.clock};
    auto service = service_over(ports.repository, ports.cache, ports.publisher, {}, ports.clock, observer);
    const auto receipt = service.create_event_draft(sample_command());
    REQUIRE(receipt);
    CHECK(receipt.value().degraded.empty());
    CHECK(receipt.value().durations[Step::cache] == 0ms);
  }

  TEST_CASE("a read's receipt has its durations too") {
    FakePorts ports;
    REQUIRE(create(ports));
    ports.fake_cache.flush();
    ports.faults.on(Call::get, 2, Fault::delay, 10ms).on(Call::find, 1, Fault::delay, 20ms);
    const auto found = find(ports);
    REQUIRE(found);
    CHECK(found.value().durations[Step::lookup] == 10ms);
    CHECK(found.value().durations[Step::load] == 20ms);
  }

  TEST_CASE("a cache that hangs in both its steps leaves the event its time") {
    FakePorts ports;
    ports.faults.always(Call::get, Fault::time_out).always(Call::set, Fault::time_out);
    const auto receipt = create(ports);
    REQUIRE(receipt);
    CHECK(receipt.value().event == EventDelivery::acknowledged);
    CHECK(ports.clock.steady_now() == SteadyTime{} + 100ms);
  }

  TEST_CASE(
      "the host's own budget: the cache never has more than the save, and the publish no less than the other half") {
    FakePortsWithoutOutbox ports;
    REQUIRE(create(ports, sample_command(), {.budget = {.request = 30ms, .cache = 40ms}}));
    CHECK(ports.faults.entries()[0].deadline == Deadline{SteadyTime{} + 15ms});
    CHECK(ports.faults.entries()[1].deadline == Deadline{SteadyTime{} + 15ms});
    CHECK(ports.faults.entries()[3].deadline == Deadline{SteadyTime{} + 30ms});
  }

  TEST_CASE("the receipt has a duration for each step that was taken") {
    FakePorts ports;
    ports.faults.on(Call::get, 1, Fault::delay, 10ms)
        .on(Call::save, 1, Fault::delay, 20ms)
        .on(Call::set, 1, Fault::delay, 30ms)
        .on(Call::publish, 1, Fault::delay, 40ms);
    const auto receipt = create(ports);
    REQUIRE(receipt);
    const StepDurations& durations = receipt.value().durations;
    CHECK(durations[Step::lookup] == 10ms);
    CHECK(durations[Step::validate] == 0ms);
    CHECK(durations[Step::save] == 20ms);
    CHECK(durations[Step::cache] == 30ms);
    CHECK(durations[Step::publish] == 40ms);
    CHECK(durations[Step::load] == std::nullopt);
  }

  TEST_CASE("the tries of one step count together") {
    FakePorts ports;
    ports.faults.on(Call::save, 1, Fault::fail_unknown, 20ms).on(Call::save, 2, Fault::delay, 30ms);
    CHECK(create(ports).value().durations[Step::save] == 50ms);
  }

  TEST_CASE("a request whose time is over saves nothing") {
    FakePorts ports;
    ports.faults.on(Call::get, 1, Fault::delay, 500ms);
    CHECK(create(ports).error() == Error{Errc::storage_unavailable});
    CHECK(ports.fake_repository.size() == 0);
  }

  TEST_CASE("after the window a new draft is made, in the cache and in the repository") {
    FakePorts ports;
    REQUIRE(create(ports).value().draft.id == DraftId::numbered(1));
    ports.clock.advance(30min - 1ms);
    CHECK(create(ports).value().draft.id == DraftId::numbered(1));
    ports.clock.advance(1ms);
    const auto next = create(ports);
    REQUIRE(next);
    CHECK(next.value().draft.id == DraftId::numbered(2));
    CHECK(next.value().draft.created_at == VirtualClock::start + 30min);
    CHECK(next.value().origin == Origin::created);
  }

  TEST_CASE("a draft is read from the cache for 24 hours, then from the repository") {
    FakePorts ports;
    REQUIRE(create(ports));
    ports.clock.advance(24h - 1ms);
    CHECK(find(ports).value().from_cache);
    ports.clock.advance(1ms);
    CHECK_FALSE(find(ports).value().from_cache);
  }
}
