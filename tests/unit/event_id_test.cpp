#include <event_draft/event_id.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

using namespace event_draft;

namespace {

constexpr EventId created(std::uint64_t number) { return {DraftId::numbered(number), EventType::event_draft_created}; }
constexpr EventId approved(std::uint64_t number) { return {DraftId::numbered(number), EventType::event_created}; }

static_assert(to_text(created(1)).view() == "draft-1.EventDraftCreated");
static_assert(to_text(approved(42)).view() == "draft-42.EventCreated");
static_assert(parse_event_id("draft-42.EventCreated") == approved(42));

}  // namespace

TEST_CASE("event id: what is written is read, up to the longest") {
  const DraftId longest = *DraftId::parse("draft-" + std::string(58, 'x'));
  for (const EventType type : all_event_types) {
    for (const DraftId& draft :
         {DraftId::numbered(1), DraftId::numbered(UINT64_MAX), *DraftId::parse("draft--_aZ9"), longest}) {
      const EventId id{draft, type};
      CHECK(parse_event_id(to_text(id).view()) == id);
    }
  }
  CHECK(to_text(EventId{longest, EventType::event_draft_created}).view() ==
        "draft-" + std::string(58, 'x') + ".EventDraftCreated");
}

TEST_CASE("event id: nothing else is read") {
  for (const std::string_view text :
       {"", ".", "draft-1", "draft-1.", ".EventCreated", "EventCreated", "draft-.EventCreated", "draft-1.eventCreated",
        "draft-1..EventCreated", "draft-1.EventCreated.", "draft-1.EventCreated ", " draft-1.EventCreated",
        "1.EventCreated", "draft-1 .EventCreated", "draft-1.EventDraftApproved", "draft-1.EventCreated.EventCreated"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_event_id(text));
  }
  CHECK_FALSE(parse_event_id("draft-" + std::string(59, 'x') + ".EventCreated"));
  CHECK_FALSE(parse_event_id(std::string_view{"draft-1.EventCreated\0", 21}));
  CHECK_FALSE(parse_event_id(std::string(100'000, '.')));
}

TEST_CASE("event id: of a draft's events the earlier comes first, and no other draft's in between") {
  const std::array ordered{created(1), approved(1), created(2), approved(2)};
  CHECK(std::is_sorted(ordered.begin(), ordered.end()));
  CHECK(created(1) != approved(1));
  CHECK(created(1) != created(2));
  CHECK(created(1) == created(1));
}
