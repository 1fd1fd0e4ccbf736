#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <event_draft.hpp>
#include <event_draft/testing/faults.hpp>
#include <event_draft/testing/mocks.hpp>

#include "samples.hpp"

using namespace event_draft;
using namespace event_draft::testing;
using namespace std::chrono_literals;

namespace {

constexpr LeaseToken approval_token{7};
constexpr EventLease approval_lease{{DraftId::numbered(1), EventType::event_created}, approval_token};

constexpr const char* approved_entry =
    R"({"version":1,"eventDraftId":"draft-1","userId":123,"objective":"신규 고객 유치","storeName":"맛있는집",)"
    R"("industry":"음식점","address":"서울시 강남구","status":"APPROVED","createdAt":"2026-11-23T09:00:00.123Z"})";

EventDraft approved_draft(std::uint64_t number = 1) { return approved(sample_draft(number)); }

DraftApproval sample_approval() {
  return {DraftId::numbered(1), UserId::make(sample_user).value(), VirtualClock::start};
}

std::optional<ApprovedDraft> approved_now(std::optional<LeaseToken> event_lease = std::nullopt) {
  return ApprovedDraft{approved_draft(), true, event_lease};
}
std::optional<ApprovedDraft> approved_before() { return ApprovedDraft{approved_draft(), false}; }

constexpr Error in_doubt{Errc::storage_unavailable, {}, Certainty::unknown};

std::vector<std::string> published(const FakePorts& ports) {
  std::vector<std::string> ids;
  for (const auto& message : ports.fake_publisher.messages()) ids.push_back(message.id);
  return ids;
}

const std::vector<std::string> both_events{"draft-1.EventDraftCreated", "draft-1.EventCreated"};

}  // namespace

TEST_SUITE("approve") {
  TEST_CASE("the whole flow: the repository, both keys of the cache, the event, the outbox") {
    MockOutboxPorts ports;
    trompeloeil::sequence flow;
    std::string written;
    std::vector<RecordedMessage> sent;
    REQUIRE_CALL(ports.repository, approve(sample_approval(), _))
        .IN_SEQUENCE(flow)
        .RETURN(approved_now(approval_token));
    REQUIRE_CALL(ports.cache, set(_, _)).IN_SEQUENCE(flow).LR_SIDE_EFFECT(written = describe(_1)).RETURN(success());
    REQUIRE_CALL(ports.publisher, publish(_, _))
        .IN_SEQUENCE(flow)
        .LR_SIDE_EFFECT(sent.emplace_back(_1))
        .RETURN(success());
    REQUIRE_CALL(ports.repository, settled_later(Settlement::published(approval_lease))).IN_SEQUENCE(flow);

    const auto receipt = approve(ports);

    REQUIRE(receipt);
    CHECK(receipt.value().draft == approved_draft());
    CHECK(receipt.value().approval == Approval::approved);
    CHECK(receipt.value().event == EventDelivery::acknowledged);
    CHECK(receipt.value().degraded.empty());
    CHECK(written ==
          fmt::format("[draft:event:draft-1 = {0} for 86400 s; draft:event:123 = {0} for 1800 s]", approved_entry));
    REQUIRE(sent.size() == 1);
    CHECK(sent[0] ==
          RecordedMessage{EventMessage{draft_approved(approved_draft(), VirtualClock::start), "/event-draft"}});
    CHECK(ports.observer.log() == "approve ok, cache ok, publish ok");
    for (const auto& step : ports.observer.steps()) {
      CHECK(step.operation == Operation::approve);
      CHECK(step.user_id == sample_user);
      CHECK(step.draft_id == "draft-1");
    }
  }

  TEST_CASE("after its creation's event its own is published, once") {
    FakePorts ports;
    REQUIRE(create(ports));
    ports.clock.advance(5min);
    const auto receipt = approve(ports);
    REQUIRE(receipt);
    CHECK(receipt.value().draft == approved_draft());
    CHECK(receipt.value().event == EventDelivery::acknowledged);
    CHECK(published(ports) == both_events);
    CHECK(ports.fake_publisher.messages()[1].headers.at(4) ==
          std::pair<std::string, std::string>{"ce_time", "2026-11-23T09:05:00.123Z"});
    CHECK(ports.fake_repository.drafts() == std::vector{approved_draft()});
    CHECK(ports.fake_repository.stats(Deadline{SteadyTime::max()}).value().pending == 0);
  }

  TEST_CASE("for anyone but its owner the draft does not exist, and nothing changes") {
    FakePorts ports;
    REQUIRE(create(ports));
    const auto cached = ports.fake_cache.peek("draft:event:draft-1");
    for (const auto& [id, user] :
         {std::pair{DraftId::numbered(1), sample_user + 1}, std::pair{DraftId::numbered(2), sample_user}}) {
      CHECK(approve(ports, id, user).error() == Error{Errc::draft_not_found});
      CHECK(ports.observer.steps().back().step == Step::approve);
      CHECK(ports.observer.steps().back().outcome == StepOutcome::miss);
    }
    CHECK(ports.fake_repository.drafts() == std::vector{sample_draft()});
    CHECK(ports.fake_cache.peek("draft:event:draft-1") == cached);
    CHECK(ports.fake_cache.size() == 2);
    CHECK(ports.fake_publisher.size() == 1);
  }

  TEST_CASE("a user id that is not positive is refused before any port is called") {
    MockOutboxPorts ports;
    FORBID_CALL(ports.repository, approve(_, _));
    CHECK(approve(ports, DraftId::numbered(1), 0).error() == Error{Errc::invalid_user, {Field::user_id}});
    CHECK(ports.observer.log() == "validate rejected");
  }

  TEST_CASE("approving again is told as such: no second event") {
    FakePorts ports;
    REQUIRE(create(ports));
    REQUIRE(approve(ports));
    ports.clock.advance(1h);
    const auto again = approve(ports);
    REQUIRE(again);
    CHECK(again.value().draft == approved_draft());
    CHECK(again.value().approval == Approval::already_approved);
    CHECK(again.value().event == EventDelivery::none);
    CHECK(published(ports) == both_events);
    CHECK(ports.observer.steps()[ports.observer.steps().size() - 2].outcome == StepOutcome::repeated);
  }

  TEST_CASE("of approvals at the same moment one is the one, and there is one event") {
    FakePorts ports;
    REQUIRE(create(ports));
    struct Silent {
      void on_step(const StepReport&) noexcept {}
      void on_exception(Step, std::string_view) noexcept {}
    } observer;
    auto service = service_over(ports.repository, ports.cache, ports.publisher, {}, ports.clock, observer);
    std::atomic<int> approvals = 0;
    std::atomic<int> repetitions = 0;
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i != 8; ++i) {
        threads.emplace_back([&] {
          const auto receipt = service.approve_event_draft(DraftId::numbered(1), sample_user);
          ++(receipt && receipt.value().approval == Approval::approved ? approvals : repetitions);
        });
      }
    }
    CHECK(approvals == 1);
    CHECK(repetitions == 7);
    CHECK(published(ports) == both_events);
  }

  TEST_CASE("the window ends: the user may begin another draft at once") {
    for (const bool cached : {true, false}) {
      CAPTURE(cached);
      FakePorts ports;
      REQUIRE(create(ports));
      REQUIRE(approve(ports));
      if (!cached) ports.fake_cache.flush();
      const auto next = create(ports);
      REQUIRE(next);
      CHECK(next.value().draft.id == DraftId::numbered(2));
      CHECK(next.value().origin == Origin::created);
      CHECK(next.value().event == EventDelivery::acknowledged);
      CHECK(create(ports).value().draft.id == DraftId::numbered(2));
    }
  }

  TEST_CASE("under the user's key an approved draft is no longer one in progress") {
    FakePorts ports;
    REQUIRE(create(ports));
    REQUIRE(approve(ports));
    CHECK(ports.fake_cache.peek("draft:event:123") == approved_entry);
    REQUIRE(create(ports));
    CHECK(ports.observer.steps().at(8).step == Step::lookup);
    CHECK(ports.observer.steps().at(8).outcome == StepOutcome::expired);
  }

  TEST_CASE("a draft that has lost its window can be approved; who holds it keeps it") {
    FakePorts ports;
    REQUIRE(create(ports));
    const Options replacing{.in_progress = InProgressPolicy::replace_if_different};
    REQUIRE(create(ports, with_objective("매출 증대"), replacing).value().draft.id == DraftId::numbered(2));
    const auto receipt = approve(ports);
    REQUIRE(receipt);
    CHECK(receipt.value().approval == Approval::approved);
    const auto current = create(ports, with_objective("매출 증대"));
    REQUIRE(current);
    CHECK(current.value().draft.id == DraftId::numbered(2));
    CHECK(current.value().origin == Origin::in_progress);
    CHECK(ports.fake_repository.size() == 2);
  }

  TEST_CASE("a draft past its window can be approved too") {
    FakePorts ports;
    REQUIRE(create(ports));
    ports.clock.advance(25h);
    CHECK(approve(ports).value().approval == Approval::approved);
  }

  TEST_CASE("a read shows the approved draft, from the cache and from the repository") {
    FakePorts ports;
    REQUIRE(create(ports));
    REQUIRE(approve(ports));
    CHECK(find(ports).value().from_cache);
    CHECK(find(ports).value().draft == approved_draft());
    ports.fake_cache.flush();
    CHECK_FALSE(find(ports).value().from_cache);
    CHECK(find(ports).value().draft == approved_draft());
  }

  TEST_CASE("the trace of the request goes on in the event; what is none is left out") {
    const std::string good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    for (const std::string& traceparent : {good, std::string{"garbage"}}) {
      FakePorts ports;
      REQUIRE(create(ports));
      REQUIRE(service_over(ports).approve_event_draft(DraftId::numbered(1), sample_user, traceparent));
      const auto headers = ports.fake_publisher.messages().at(1).headers;
      CHECK(headers.size() == (traceparent == good ? 8U : 7U));
      if (traceparent == good) CHECK(headers.back().second == good);
    }
  }

  TEST_CASE("another user's draft, another draft or one that is not approved is never handed out") {
    const std::array answers{approved(sample_draft(1, 124)), approved_draft(2), sample_draft()};
    for (const EventDraft& answer : answers) {
      CAPTURE(answer);
      MockOutboxPorts ports;
      FORBID_CALL(ports.cache, set(_, _));
      FORBID_CALL(ports.publisher, publish(_, _));
      FORBID_CALL(ports.repository, settled_later(_));
      ALLOW_CALL(ports.repository, approve(_, _)).LR_RETURN(std::optional{ApprovedDraft{answer, true, approval_token}});
      CHECK(approve(ports).error() == Error{Errc::corrupt_draft, {}, Certainty::unknown});
      CHECK(ports.observer.steps().back().outcome == StepOutcome::foreign);
    }
  }
}

TEST_SUITE("approve: the repository fails") {
  TEST_CASE("not applied: the request fails, is not tried again, and nothing is cached or published") {
    for (const Fault fault : {Fault::fail, Fault::time_out}) {
      CAPTURE(to_string(fault));
      FakePorts ports;
      REQUIRE(create(ports));
      ports.faults.on(Call::approve, 1, fault);
      CHECK(approve(ports).error() == Error{Errc::storage_unavailable});
      CHECK(ports.faults.count(Call::approve) == 1);
      CHECK(ports.fake_repository.drafts() == std::vector{sample_draft()});
      CHECK(ports.faults.count(Call::set) == 1);
      CHECK(ports.fake_publisher.size() == 1);
    }
  }

  TEST_CASE("a corrupt row stays what it is") {
    MockOutboxPorts ports;
    REQUIRE_CALL(ports.repository, approve(_, _)).RETURN(Error{Errc::corrupt_draft});
    CHECK(approve(ports).error() == Error{Errc::corrupt_draft});
  }

  TEST_CASE("unknown: tried once more, and however the first try ended it is approved, with one event") {
    for (const Fault fault : {Fault::fail_unknown, Fault::throw_exception, Fault::throw_int, Fault::apply_then_fail,
                              Fault::apply_then_throw}) {
      CAPTURE(to_string(fault));
      FakePorts ports;
      REQUIRE(create(ports));
      ports.faults.on(Call::approve, 1, fault);
      const auto receipt = approve(ports);
      REQUIRE(receipt);
      const bool was_applied = fault == Fault::apply_then_fail || fault == Fault::apply_then_throw;
      CHECK(receipt.value().approval == Approval::approved);
      CHECK(receipt.value().draft == approved_draft());
      CHECK(receipt.value().event == (was_applied ? EventDelivery::pending : EventDelivery::acknowledged));
      CHECK(ports.faults.count(Call::approve) == 2);
      ports.clock.advance(1s);
      OutboxRelay relay{ports.repository, ports.publisher, {}, ports.clock};
      relay.run_once();
      CHECK(published(ports) == both_events);
    }
  }

  TEST_CASE("unknown twice: the request fails, and says that the approval may be there") {
    for (const Fault second : {Fault::fail, Fault::fail_unknown, Fault::throw_int, Fault::apply_then_fail}) {
      CAPTURE(to_string(second));
      FakePorts ports;
      REQUIRE(create(ports));
      ports.faults.on(Call::approve, 1, Fault::fail_unknown).on(Call::approve, 2, second);
      CHECK(approve(ports).error() == in_doubt);
      CHECK(ports.faults.count(Call::approve) == 2);
      CHECK(ports.fake_publisher.size() == 1);
    }
  }

  TEST_CASE("unknown, and there is no such draft: that is no doubt") {
    FakePorts ports;
    ports.faults.on(Call::approve, 1, Fault::fail_unknown);
    CHECK(approve(ports).error() == Error{Errc::draft_not_found});
  }

  TEST_CASE("unknown is tried again within the deadline, not after it") {
    for (const auto& [late, tries] : {std::pair{399ms, 2U}, std::pair{400ms, 1U}}) {
      CAPTURE(late.count());
      FakePorts ports;
      REQUIRE(create(ports));
      ports.faults.on(Call::approve, 1, Fault::apply_then_fail, late);
      const auto receipt = approve(ports);
      CHECK(ports.faults.count(Call::approve) == tries);
      CHECK(receipt.has_value() == (tries == 2));
      if (!receipt) CHECK(receipt.error() == in_doubt);
    }
  }

  TEST_CASE("a request that failed can be sent again, and its event is not forgotten") {
    FakePorts ports;
    REQUIRE(create(ports));
    ports.faults.on(Call::approve, 1, Fault::apply_then_fail, 500ms);
    REQUIRE_FALSE(approve(ports));
    const auto again = approve(ports);
    REQUIRE(again);
    CHECK(again.value().approval == Approval::already_approved);
    CHECK(again.value().event == EventDelivery::none);
    ports.clock.advance(1s);
    OutboxRelay relay{ports.repository, ports.publisher, {}, ports.clock};
    relay.run_once();
    CHECK(published(ports) == both_events);
  }
}

TEST_SUITE("approve: the cache fails") {
  TEST_CASE("a write that fails is gone without, and the event is still published") {
    for (const Fault fault : {Fault::fail, Fault::time_out, Fault::throw_exception, Fault::apply_then_fail}) {
      CAPTURE(to_string(fault));
      FakePorts ports;
      REQUIRE(create(ports));
      ports.faults.on(Call::set, 2, fault);
      const auto receipt = approve(ports);
      REQUIRE(receipt);
      CHECK(receipt.value().degraded == samples::only(Step::cache));
      CHECK(receipt.value().event == EventDelivery::acknowledged);
    }
  }

  TEST_CASE(
      "a cache that missed the approval shows the draft as it was, while its entry lives; approving again mends it") {
    FakePorts ports;
    REQUIRE(create(ports));
    ports.faults.on(Call::set, 2, Fault::fail);
    REQUIRE(approve(ports));
    CHECK(find(ports).value().draft == sample_draft());
    CHECK(create(ports).value().origin == Origin::in_progress);
    CHECK(ports.fake_repository.drafts() == std::vector{approved_draft()});

    REQUIRE(approve(ports).value().approval == Approval::already_approved);
    CHECK(find(ports).value().draft == approved_draft());
    CHECK(create(ports).value().draft.id == DraftId::numbered(2));
  }

  TEST_CASE("and its user's window is over after 30 minutes, whatever the cache holds") {
    FakePorts ports;
    REQUIRE(create(ports));
    ports.faults.on(Call::set, 2, Fault::fail);
    REQUIRE(approve(ports));
    ports.clock.advance(30min);
    CHECK(create(ports).value().draft.id == DraftId::numbered(2));
  }
}

TEST_SUITE("approve: the event") {
  TEST_CASE("while the draft's first event is unpublished the second waits for it; the relay sends both in order") {
    FakePorts ports;
    ports.faults.on(Call::publish, 1, Fault::fail);
    REQUIRE(create(ports).value().event == EventDelivery::pending);
    const auto receipt = approve(ports);
    REQUIRE(receipt);
    CHECK(receipt.value().approval == Approval::approved);
    CHECK(receipt.value().event == EventDelivery::pending);
    CHECK(ports.faults.count(Call::publish) == 1);
    CHECK(ports.observer.steps().back().outcome == StepOutcome::pending);
    CHECK_FALSE(ports.observer.steps().back().error);

    OutboxRelay relay{ports.repository, ports.publisher, {}, ports.clock};
    for (int pass = 0; pass != 2; ++pass) {
      relay.run_once();
      ports.clock.advance(1s);
    }
    CHECK(published(ports) == both_events);
  }

  TEST_CASE("one that is not acknowledged is pending; the outbox is told, and the relay delivers it") {
    for (const Fault fault :
         {Fault::fail, Fault::fail_unknown, Fault::time_out, Fault::throw_exception, Fault::throw_int}) {
      CAPTURE(to_string(fault));
      FakePorts ports;
      REQUIRE(create(ports));
      ports.faults.on(Call::publish, 2, fault);
      const auto receipt = approve(ports);
      REQUIRE(receipt);
      CHECK(receipt.value().approval == Approval::approved);
      CHECK(receipt.value().event == EventDelivery::pending);
      OutboxRelay relay{ports.repository, ports.publisher, {}, ports.clock};
      CHECK(relay.run_once().published == 1);
      CHECK(published(ports) == both_events);
    }
  }

  TEST_CASE("without an outbox it is published, or lost") {
    for (const bool works : {true, false}) {
      FakePortsWithoutOutbox ports;
      REQUIRE(create(ports));
      if (!works) ports.faults.on(Call::publish, 2, Fault::fail);
      const auto receipt = approve(ports);
      REQUIRE(receipt);
      CHECK(receipt.value().event == (works ? EventDelivery::acknowledged : EventDelivery::lost));
      CHECK(ports.observer.steps().back().outcome == (works ? StepOutcome::ok : StepOutcome::lost));
    }
  }

  TEST_CASE("without an outbox an approval in doubt that is there sends its event all the same") {
    MockPorts ports;
    trompeloeil::sequence tries;
    ALLOW_CALL(ports.cache, set(_, _)).RETURN(success());
    REQUIRE_CALL(ports.repository, approve(sample_approval(), _)).IN_SEQUENCE(tries).RETURN(in_doubt);
    REQUIRE_CALL(ports.repository, approve(sample_approval(), _)).IN_SEQUENCE(tries).RETURN(approved_before());
    REQUIRE_CALL(ports.publisher, publish(_, _)).WITH(_1.id() == "draft-1.EventCreated").RETURN(success());
    const auto receipt = approve(ports);
    REQUIRE(receipt);
    CHECK(receipt.value().approval == Approval::approved);
    CHECK(receipt.value().event == EventDelivery::acknowledged);
  }
}

TEST_SUITE("approve: time") {
  TEST_CASE("the repository has 400 ms, the cache 50, the publisher 250") {
    FakePorts ports;
    REQUIRE(create(ports));
    ports.clock.advance(1h);
    const SteadyTime began = ports.clock.steady_now();
    ports.faults.on(Call::approve, 1, Fault::delay, 100ms);
    REQUIRE(approve(ports));
    const auto entries = ports.faults.entries();
    REQUIRE(ports.faults.log() == "get save set publish approve(delay) set publish");
    CHECK(entries[4].deadline == Deadline{began + 400ms});
    CHECK(entries[5].deadline == Deadline{began + 100ms + 50ms});
    CHECK(entries[6].deadline == Deadline{began + 100ms + 250ms});
  }

  TEST_CASE("the event is kept from the relay for twice the time that the request has") {
    for (const auto& [request, kept] :
         {std::pair{500ms, 1000ms}, std::pair{100ms, 200ms}, std::pair{3'600'000ms, 120'000ms}}) {
      MockOutboxPorts ports;
      ALLOW_CALL(ports.cache, set(_, _)).RETURN(success());
      DraftApproval approval = sample_approval();
      approval.event_lease = kept;
      REQUIRE_CALL(ports.repository, approve(approval, _)).RETURN(approved_now());
      CHECK(approve(ports, DraftId::numbered(1), sample_user, {.budget = {.request = request}}));
    }
  }

  TEST_CASE("an approval that takes all the time that it has, and a cache that hangs after it, lose no event") {
    FakePorts ports;
    REQUIRE(create(ports));
    ports.faults.on(Call::approve, 1, Fault::delay, 399ms).on(Call::set, 2, Fault::time_out);
    CHECK(approve(ports).value().event == EventDelivery::acknowledged);
  }

  TEST_CASE("the receipt has a duration for each step that was taken") {
    FakePorts ports;
    REQUIRE(create(ports));
    ports.faults.on(Call::approve, 1, Fault::fail_unknown, 20ms)
        .on(Call::approve, 2, Fault::delay, 30ms)
        .on(Call::set, 2, Fault::delay, 10ms)
        .on(Call::publish, 2, Fault::delay, 40ms);
    const auto receipt = approve(ports);
    REQUIRE(receipt);
    const StepDurations& durations = receipt.value().durations;
    CHECK(durations[Step::approve] == 50ms);
    CHECK(durations[Step::cache] == 10ms);
    CHECK(durations[Step::publish] == 40ms);
    CHECK(durations[Step::lookup] == std::nullopt);
  }
}
