#include <doctest/doctest.h>

#include <cstdint>
#include <event_draft/detail/inline_text.hpp>
#include <string_view>
#include <type_traits>

using namespace event_draft::detail;

static_assert(InlineText<8>{"abc"}.append_number(7, 3).view() == "abc007");
static_assert(InlineText<3>{}.view().empty() && InlineText<3>::capacity == 3);
static_assert(std::is_trivially_copyable_v<InlineText<8>>);

TEST_CASE("inline text: what is appended, in order") {
  InlineText<16> text{"draft:"};
  text.append("").append("a").append_number(12).append("z");
  CHECK(text.view() == "draft:a12z");
  const std::string_view converted = text;
  CHECK(converted == text.view());
}

TEST_CASE("inline text: numbers, with leading zeros up to a width") {
  CHECK(InlineText<20>{}.append_number(0).view() == "0");
  CHECK(InlineText<20>{}.append_number(0, 0).view().empty());
  CHECK(InlineText<20>{}.append_number(7, 2).view() == "07");
  CHECK(InlineText<20>{}.append_number(1234, 2).view() == "1234");
  CHECK(InlineText<20>{}.append_number(UINT64_MAX).view() == "18446744073709551615");
}

TEST_CASE("inline text: what does not fit is cut off") {
  CHECK(InlineText<4>{"abcd"}.view() == "abcd");
  CHECK(InlineText<4>{"abcde"}.view() == "abcd");
  CHECK(InlineText<4>{"abc"}.append("de").append("f").view() == "abcd");
  CHECK(InlineText<4>{"abc"}.append_number(12).view() == "abc1");
  CHECK(InlineText<0>{"a"}.view().empty());
}

TEST_CASE("inline text: equal as text") {
  CHECK(InlineText<8>{"ab"} == InlineText<8>{}.append("a").append("b"));
  CHECK(InlineText<8>{"ab"} != InlineText<8>{"abc"});
  CHECK(InlineText<8>{"ab"} != InlineText<8>{"aB"});
}
