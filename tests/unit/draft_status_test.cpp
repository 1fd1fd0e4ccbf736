#include <doctest/doctest.h>

#include <event_draft/draft_status.hpp>
#include <string_view>

using namespace event_draft;

static_assert(to_string(DraftStatus::draft) == "DRAFT");
static_assert(parse_draft_status("DRAFT") == DraftStatus::draft);

TEST_CASE("draft status: DRAFT and nothing else") {
  CHECK(parse_draft_status(to_string(DraftStatus::draft)) == DraftStatus::draft);
  for (const std::string_view text : {"", "draft", "Draft", "DRAFT ", "DRAF", "DRAFTS", "PUBLISHED"}) {
    CAPTURE(text);
    CHECK(!parse_draft_status(text));
  }
}
