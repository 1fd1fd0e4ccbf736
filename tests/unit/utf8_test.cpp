#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <event_draft/detail/utf8.hpp>
#include <string>
#include <string_view>

#include "samples.hpp"

using namespace event_draft::detail;
using samples::utf8;

namespace {

/// The length of the well-formed sequence that `text` begins with, or 0 (Unicode 15, table 3-7).
std::size_t well_formed(std::string_view text) {
  const auto in = [&](std::size_t i, unsigned low, unsigned high) {
    return i < text.size() && static_cast<unsigned char>(text[i]) >= low && static_cast<unsigned char>(text[i]) <= high;
  };
  const auto tail = [&](std::size_t i) { return in(i, 0x80, 0xBF); };
  if (in(0, 0x00, 0x7F)) return 1;
  if (in(0, 0xC2, 0xDF)) return tail(1) ? 2 : 0;
  if (in(0, 0xE0, 0xE0)) return in(1, 0xA0, 0xBF) && tail(2) ? 3 : 0;
  if (in(0, 0xED, 0xED)) return in(1, 0x80, 0x9F) && tail(2) ? 3 : 0;
  if (in(0, 0xE1, 0xEF)) return tail(1) && tail(2) ? 3 : 0;
  if (in(0, 0xF0, 0xF0)) return in(1, 0x90, 0xBF) && tail(2) && tail(3) ? 4 : 0;
  if (in(0, 0xF1, 0xF3)) return tail(1) && tail(2) && tail(3) ? 4 : 0;
  if (in(0, 0xF4, 0xF4)) return in(1, 0x80, 0x8F) && tail(2) && tail(3) ? 4 : 0;
  return 0;
}

void check_against_the_table(const std::string& text) {
  std::string_view rest = text;
  const bool read = next_code_point(rest).has_value();
  const std::size_t length = text.size() - rest.size();
  if (length != well_formed(text) || read != (length != 0))
    FAIL_CHECK("bytes ", doctest::String{text.c_str()}, " of ", text.size());
}

static_assert(trim(" \u3000a b\n") == "a b");

}  // namespace

TEST_CASE("utf8: every code point is read back") {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    const std::string text = utf8(c);
    std::string_view rest = text;
    if (next_code_point(rest) != c || !rest.empty()) FAIL_CHECK(static_cast<unsigned>(c));
  }
}

TEST_CASE("utf8: exactly the well-formed sequences are read, and what is not read stays") {
  constexpr std::array edges{0x00, 0x22, 0x7F, 0x80, 0x81, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF,
                             0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xF8, 0xFE, 0xFF};
  const auto text = [](auto... bytes) { return std::string{static_cast<char>(bytes)...}; };
  for (int a = 0; a < 256; ++a) {
    check_against_the_table(text(a));
    for (int b = 0; b < 256; ++b) check_against_the_table(text(a, b));
  }
  for (const int a : edges) {
    for (const int b : edges) {
      for (const int c : edges) {
        check_against_the_table(text(a, b, c));
        for (const int d : {0x00, 0x7F, 0x80, 0xBF, 0xC0, 0xFF}) check_against_the_table(text(a, b, c, d));
      }
    }
  }
}

TEST_CASE("utf8: white space is Unicode's, control characters are category Cc") {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    const bool space =
        std::find(samples::white_space.begin(), samples::white_space.end(), c) != samples::white_space.end();
    if (is_white_space(c) != space) FAIL_CHECK("white space ", static_cast<unsigned>(c));
    if (is_control(c) != (c <= 0x1F || (c >= 0x7F && c <= 0x9F))) FAIL_CHECK("control ", static_cast<unsigned>(c));
  }
}

TEST_CASE("utf8: trim takes white space off the ends, and only that") {
  struct Row {
    std::string_view text;
    std::string_view trimmed;
  };
  for (const auto& [text, trimmed] :
       {Row{"", ""}, Row{" ", ""}, Row{" \t\u2003", ""}, Row{"a", "a"}, Row{" a", "a"}, Row{"a ", "a"},
        Row{" a b ", "a b"}, Row{"\u3000한\u3000글\u3000", "한\u3000글"}, Row{"\u200B a", "\u200B a"},
        Row{" \xFF ", "\xFF"}, Row{"\xFF", "\xFF"}, Row{" \xE3\x80", "\xE3\x80"}, Row{"a \x80\x80 ", "a \x80\x80"}}) {
    CAPTURE(text);
    CHECK(trim(text) == trimmed);
  }
}
