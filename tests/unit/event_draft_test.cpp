#include <doctest/doctest.h>

#include <event_draft/event_draft.hpp>

#include "samples.hpp"

using namespace event_draft;

static_assert(in_progress_window == std::chrono::minutes{30});

TEST_CASE("event draft: the stored form is the new draft, its id and the status DRAFT") {
  const NewEventDraft draft{samples::user(), Objective::new_customers, samples::store(), samples::time()};
  CHECK(draft.window == in_progress_window);
  CHECK(!draft.replaces);
  CHECK(with_id(draft, DraftId::numbered(1)) == samples::draft());
}

TEST_CASE("event draft: equal only when every member is") {
  const auto changed = [](auto change) {
    EventDraft draft = samples::draft();
    change(draft);
    return draft;
  };
  CHECK(samples::draft() == changed([](EventDraft&) {}));
  CHECK(samples::draft() != changed([](EventDraft& draft) { draft.id = DraftId::numbered(2); }));
  CHECK(samples::draft() != changed([](EventDraft& draft) { draft.user_id = samples::user(124); }));
  CHECK(samples::draft() != changed([](EventDraft& draft) { draft.objective = Objective::sales_growth; }));
  CHECK(samples::draft() != changed([](EventDraft& draft) { draft.store = samples::store("a"); }));
  CHECK(samples::draft() != changed([](EventDraft& draft) { draft.created_at += std::chrono::milliseconds{1}; }));
}

TEST_CASE("event draft: a new one is equal only when every member is, what it replaces and claims included") {
  const NewEventDraft draft{samples::user(), Objective::new_customers, samples::store(), samples::time()};
  const auto changed = [&](auto change) {
    NewEventDraft other = draft;
    change(other);
    return other;
  };
  CHECK(draft == changed([](NewEventDraft&) {}));
  CHECK(draft != changed([](NewEventDraft& other) { other.user_id = samples::user(124); }));
  CHECK(draft != changed([](NewEventDraft& other) { other.objective = Objective::sales_growth; }));
  CHECK(draft != changed([](NewEventDraft& other) { other.store = samples::store("a"); }));
  CHECK(draft != changed([](NewEventDraft& other) { other.created_at += std::chrono::milliseconds{1}; }));
  CHECK(draft != changed([](NewEventDraft& other) { other.replaces = DraftId::numbered(1); }));
  CHECK(draft != changed([](NewEventDraft& other) { other.window += std::chrono::milliseconds{1}; }));
}

TEST_CASE("event draft: a saved one that was there before is not the one that was inserted") {
  CHECK(SavedDraft{samples::draft(), true} == SavedDraft{samples::draft(), true});
  CHECK(SavedDraft{samples::draft(), true} != SavedDraft{samples::draft(), false});
  EventDraft other = samples::draft();
  other.id = DraftId::numbered(2);
  CHECK(SavedDraft{samples::draft(), true} != SavedDraft{other, true});
}
