#include <doctest/doctest.h>

#include <concepts>
#include <cstdint>
#include <event_draft/draft_id.hpp>
#include <string>
#include <string_view>
#include <type_traits>

#include "samples.hpp"

using namespace event_draft;

static_assert(DraftId::parse("draft-123")->view() == "draft-123");
static_assert(DraftId::numbered(7) == DraftId::parse("draft-7"));
static_assert(DraftId::numbered(1) < DraftId::numbered(2));
static_assert(!std::is_default_constructible_v<DraftId> && !std::constructible_from<DraftId, std::string_view>);
static_assert(std::is_trivially_copyable_v<DraftId>);

TEST_CASE("draft id: of the 256 bytes, letters, digits, _ and - are allowed after the prefix") {
  const std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
  for (unsigned byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool fits = allowed.find(c) != std::string_view::npos;
    CAPTURE(byte);
    CHECK(DraftId::parse(std::string{"draft-"} + c).has_value() == fits);
    CHECK(DraftId::parse(std::string{"draft-a"} + c + "b").has_value() == fits);
  }
}

TEST_CASE("draft id: 1 to 58 characters after the prefix") {
  for (std::size_t size = 0; size <= 70; ++size) {
    const std::string text = samples::repeated("7", size);
    CAPTURE(size);
    CHECK(!DraftId::parse(text));
    const auto id = DraftId::parse("draft-" + text);
    CHECK(id.has_value() == (size >= 1 && size <= 58));
    if (id) CHECK(id->view() == "draft-" + text);
  }
}

TEST_CASE("draft id: the prefix is exact") {
  for (const std::string_view text : {"", "d", "draft", "draft-", "Draft-1", "DRAFT-1", "draft_1", "draft1", " draft-1",
                                      "draft-1 ", "1", "123", "draft:1", "draft-é"}) {
    CAPTURE(text);
    CHECK(!DraftId::parse(text));
  }
  for (const std::string_view text : {"draft--", "draft-draft-1", "draft-_"})
    CHECK(DraftId::parse(text)->view() == text);
}

TEST_CASE("draft id: numbered") {
  CHECK(DraftId::numbered(0).view() == "draft-0");
  CHECK(DraftId::numbered(123).view() == "draft-123");
  CHECK(DraftId::numbered(UINT64_MAX).view() == "draft-18446744073709551615");
  CHECK(DraftId::parse(DraftId::numbered(UINT64_MAX).view()) == DraftId::numbered(UINT64_MAX));
}

TEST_CASE("draft id: compared as text") {
  CHECK(DraftId::numbered(1) == DraftId::numbered(1));
  CHECK(DraftId::numbered(1) != DraftId::numbered(11));
  CHECK(DraftId::numbered(10) < DraftId::numbered(9));
  CHECK(*DraftId::parse("draft-a") > *DraftId::parse("draft-A"));
}
