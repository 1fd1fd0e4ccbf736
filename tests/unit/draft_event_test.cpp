#include <event_draft/draft_event.hpp>

#include <doctest/doctest.h>

#include <chrono>

#include <event_draft/steps.hpp>

#include "samples.hpp"

using namespace event_draft;
using namespace std::chrono_literals;

TEST_CASE("draft event: a creation occurred when the draft was created") {
  const auto trace = TraceParent::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  const DraftEvent event = draft_created(samples::draft(), trace);
  CHECK(event.id == EventId{DraftId::numbered(1), EventType::event_draft_created});
  CHECK(event.user_id == samples::user());
  CHECK(event.objective == Objective::new_customers);
  CHECK(event.created_at == samples::time());
  CHECK(event.occurred_at == samples::time());
  CHECK(event.trace == trace);
}

TEST_CASE("draft event: an approval occurred when it was approved, and keeps the draft's own time") {
  const DraftEvent event = draft_approved(samples::draft(), samples::time() + 1h);
  CHECK(event.id == EventId{DraftId::numbered(1), EventType::event_created});
  CHECK(event.user_id == samples::user());
  CHECK(event.objective == Objective::new_customers);
  CHECK(event.created_at == samples::time());
  CHECK(event.occurred_at == samples::time() + 1h);
  CHECK_FALSE(event.trace);
}

TEST_CASE("draft event: the creation of a draft is the same event after its approval") {
  EventDraft approved = samples::draft();
  approved.status = DraftStatus::approved;
  CHECK(draft_created(approved) == draft_created(samples::draft()));
  CHECK_FALSE(draft_approved(approved, samples::time()) == draft_created(samples::draft()));
}
