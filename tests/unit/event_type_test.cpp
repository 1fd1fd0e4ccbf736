#include <event_draft/event_type.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string_view>

using namespace event_draft;

static_assert(to_string(EventType::event_draft_created) == "EventDraftCreated");
static_assert(to_string(EventType::event_created) == "EventCreated");
static_assert(parse_event_type("EventCreated") == EventType::event_created);

TEST_CASE("event type: the specification's two names and nothing else") {
  for (const EventType type : all_event_types) CHECK(parse_event_type(to_string(type)) == type);
  for (const std::string_view text : {"", "eventCreated", "EventCreated ", " EventCreated", "EventCreate",
                                      "EventDraftCreatedX", "EVENTCREATED", "EventDraftApproved"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_event_type(text));
  }
}

TEST_CASE("event type: they are in the order in which a draft has them") {
  CHECK(std::is_sorted(all_event_types.begin(), all_event_types.end()));
  CHECK(all_event_types.front() == EventType::event_draft_created);
}
