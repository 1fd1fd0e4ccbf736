#include <doctest/doctest.h>

#include <event_draft/draft_status.hpp>
#include <string_view>

using namespace event_draft;

static_assert(to_string(DraftStatus::draft) == "DRAFT" && to_string(DraftStatus::approved) == "APPROVED");
static_assert(parse_draft_status("DRAFT") == DraftStatus::draft);

TEST_CASE("draft status: DRAFT, APPROVED and nothing else") {
  for (const DraftStatus status : all_draft_statuses) CHECK(parse_draft_status(to_string(status)) == status);
  for (const std::string_view text :
       {"", "draft", "Draft", "DRAFT ", "DRAF", "DRAFTS", "PUBLISHED", "approved", "APPROVED "}) {
    CAPTURE(text);
    CHECK(!parse_draft_status(text));
  }
}
