#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <event_draft.hpp>
#include <event_draft/testing/fake_event_publisher.hpp>
#include <event_draft/testing/mocks.hpp>

using namespace event_draft;
using namespace event_draft::testing;
using namespace std::chrono_literals;

// What the service does with a repository that has an outbox. What becomes of the events is tested with the relay.
namespace {

constexpr EventLease created_lease{{DraftId::numbered(1), EventType::event_draft_created}, LeaseToken{7}};

/// Steps 1 and 4 go well, and are of no interest.
#define ALLOW_CACHE(ports)                                 \
  ALLOW_CALL((ports).cache, get(_, _)).RETURN(cache_miss); \
  ALLOW_CALL((ports).cache, set(_, _)).RETURN(success())

}  // namespace

// [mocked-outbox]
TEST_CASE("the outbox is told, after the publish, that the event is published") {
  MockOutboxPorts ports;
  trompeloeil::sequence flow;
  REQUIRE_CALL(ports.cache, get(_, _)).RETURN(cache_miss);
  REQUIRE_CALL(ports.repository, save(_, _)).IN_SEQUENCE(flow).RETURN(inserted(sample_draft(), LeaseToken{7}));
  REQUIRE_CALL(ports.cache, set(_, _)).IN_SEQUENCE(flow).RETURN(success());
  REQUIRE_CALL(ports.publisher, publish(_, _)).IN_SEQUENCE(flow).RETURN(success());
  REQUIRE_CALL(ports.repository, settled_later(Settlement::published(created_lease))).IN_SEQUENCE(flow);
  CHECK(create(ports).value().event == EventDelivery::acknowledged);
}
// [/mocked-outbox]

TEST_CASE("service with outbox: an event that is not acknowledged is the relay's at once; only its refusal counts") {
  struct Case {
    Error error;
    bool counts;
  };
  for (const auto& [error, counts] :
       {Case{Errc::publisher_unavailable, false}, Case{{Errc::publisher_unavailable, {}, Certainty::unknown}, false},
        Case{Errc::deadline_exceeded, false}, Case{Errc::event_rejected, true}}) {
    CAPTURE(error);
    MockOutboxPorts ports;
    ALLOW_CACHE(ports);
    REQUIRE_CALL(ports.repository, save(_, _)).RETURN(inserted(sample_draft(), LeaseToken{7}));
    REQUIRE_CALL(ports.publisher, publish(_, _)).LR_RETURN(error);
    REQUIRE_CALL(ports.repository, settled_later(Settlement::retry(created_lease, 0ms, counts, error.code)));
    const auto receipt = create(ports);
    REQUIRE(receipt);
    CHECK(receipt.value().event == EventDelivery::pending);
    CHECK(ports.observer.steps().back().outcome == StepOutcome::pending);
    CHECK(ports.observer.steps().back().error == error);
  }
}

TEST_CASE("service with outbox: a publisher that throws is told like any other that fails") {
  MockOutboxPorts ports;
  ALLOW_CACHE(ports);
  REQUIRE_CALL(ports.repository, save(_, _)).RETURN(inserted(sample_draft(), LeaseToken{7}));
  REQUIRE_CALL(ports.publisher, publish(_, _)).THROW(std::runtime_error{"reset by peer"});
  REQUIRE_CALL(ports.repository, settled_later(Settlement::retry(created_lease, 0ms, false, Errc::port_exception)));
  CHECK(create(ports).value().event == EventDelivery::pending);
}

TEST_CASE("service with outbox: an event without a lease is left to the relay") {
  MockOutboxPorts ports;
  ALLOW_CACHE(ports);
  FORBID_CALL(ports.publisher, publish(_, _));
  FORBID_CALL(ports.repository, settled_later(_));
  REQUIRE_CALL(ports.repository, save(_, _)).RETURN(inserted(sample_draft()));
  const auto receipt = create(ports);
  REQUIRE(receipt);
  CHECK(receipt.value().origin == Origin::created);
  CHECK(receipt.value().event == EventDelivery::pending);
  CHECK(ports.observer.steps().back().outcome == StepOutcome::pending);
  CHECK_FALSE(ports.observer.steps().back().error);
}

TEST_CASE("service with outbox: a save in doubt whose second try finds the draft leaves its event to the relay") {
  MockOutboxPorts ports;
  trompeloeil::sequence tries;
  ALLOW_CACHE(ports);
  FORBID_CALL(ports.publisher, publish(_, _));
  FORBID_CALL(ports.repository, settled_later(_));
  REQUIRE_CALL(ports.repository, save(_, _))
      .IN_SEQUENCE(tries)
      .RETURN(Error{Errc::storage_unavailable, {}, Certainty::unknown});
  REQUIRE_CALL(ports.repository, save(_, _)).IN_SEQUENCE(tries).RETURN(already_there(sample_draft()));
  const auto receipt = create(ports);
  REQUIRE(receipt);
  CHECK(receipt.value().origin == Origin::created);
  CHECK(receipt.value().event == EventDelivery::pending);
}

TEST_CASE("service with outbox: where nothing was created there is nothing to publish or to settle") {
  for (const bool stored : {true, false}) {
    MockOutboxPorts ports;
    ALLOW_CACHE(ports);
    FORBID_CALL(ports.publisher, publish(_, _));
    FORBID_CALL(ports.repository, settled_later(_));
    if (stored) {
      REQUIRE_CALL(ports.repository, save(_, _)).RETURN(already_there(sample_draft()));
      CHECK(create(ports).value().event == EventDelivery::none);
    } else {
      REQUIRE_CALL(ports.repository, save(_, _)).RETURN(Error{Errc::storage_unavailable});
      CHECK(create(ports).error() == Error{Errc::storage_unavailable});
    }
  }
}

TEST_CASE("service with outbox: the event is kept from the relay for twice the time that the request has") {
  using std::chrono::milliseconds;
  struct Case {
    milliseconds request;
    milliseconds kept;
  };
  for (const auto& [request, kept] :
       {Case{500ms, 1000ms}, Case{30ms, 60ms}, Case{1min, 2min}, Case{1h, 2min}, Case{milliseconds::max(), 2min}}) {
    CAPTURE(request);
    MockOutboxPorts ports;
    ALLOW_CACHE(ports);
    FORBID_CALL(ports.publisher, publish(_, _));
    NewEventDraft draft = sample_new_draft();
    draft.event_lease = kept;
    REQUIRE_CALL(ports.repository, save(draft, _)).RETURN(inserted(sample_draft()));
    CHECK(create(ports, sample_command(), {.budget = {.request = request}}));
  }
}

TEST_CASE(
    "service with outbox: a request waits for the publisher for half of its time at most, and for no longer than it "
    "has") {
  struct Case {
    std::chrono::milliseconds save;
    std::chrono::milliseconds until;  ///< from the request's beginning
  };
  for (const auto& [save_time, until] : {Case{0ms, 250ms}, Case{100ms, 350ms}, Case{390ms, 500ms}}) {
    CAPTURE(save_time);
    MockOutboxPorts ports;
    ALLOW_CACHE(ports);
    const Deadline publish_by{ports.clock.steady_now() + until};
    REQUIRE_CALL(ports.repository, save(_, _))
        .LR_SIDE_EFFECT(ports.clock.advance(save_time))
        .RETURN(inserted(sample_draft(), LeaseToken{7}));
    REQUIRE_CALL(ports.publisher, publish(_, publish_by)).RETURN(success());
    ALLOW_CALL(ports.repository, settled_later(_));
    CHECK(create(ports));
  }
}

TEST_CASE("service with outbox: the request's own event carries its source and its trace, like the relay's") {
  const std::string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  MockOutboxPorts ports;
  std::vector<RecordedMessage> sent;
  ALLOW_CACHE(ports);
  NewEventDraft draft = sample_new_draft();
  draft.trace = TraceParent::parse(trace);
  REQUIRE_CALL(ports.repository, save(draft, _)).RETURN(inserted(sample_draft(), LeaseToken{7}));
  REQUIRE_CALL(ports.repository, settled_later(_));
  REQUIRE_CALL(ports.publisher, publish(_, _)).LR_SIDE_EFFECT(sent.emplace_back(_1)).RETURN(success());
  auto command = sample_command();
  command.traceparent = trace;
  REQUIRE(create(ports, command, {.event_source = "/shop"}));
  CHECK(sent.at(0) == RecordedMessage{EventMessage{draft_created(sample_draft(), draft.trace), "/shop"}});
}
