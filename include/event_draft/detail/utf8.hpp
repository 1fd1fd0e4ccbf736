#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace event_draft::detail {

/// Reads one code point off the front of `text`. Strict (RFC 3629): nullopt at an overlong form, a surrogate, a value
/// past U+10FFFF or a cut sequence; `text` is then left as it was.
[[nodiscard]] constexpr std::optional<char32_t> next_code_point(std::string_view& text) noexcept {
  const auto byte = [&](std::size_t i) -> char32_t { return static_cast<unsigned char>(text[i]); };
  const char32_t lead = byte(0);
  if (lead < 0x80) {
    text.remove_prefix(1);
    return lead;
  }
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return std::nullopt;
  char32_t value = lead & (0x7FU >> length);
  char32_t tails = 0;
  const auto take = [&](std::size_t i) {
    const char32_t tail = byte(i) ^ 0x80U;  // at most 0x3F exactly when it is a continuation byte
    tails |= tail;
    value = (value << 6U) | tail;
  };
  take(1);
  if (length > 2) take(2);
  if (length > 3) take(3);
  constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (tails > 0x3F || value < smallest[length] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
    return std::nullopt;
  }
  text.remove_prefix(length);
  return value;
}

/// Unicode's White_Space property.
[[nodiscard]] constexpr bool is_white_space(char32_t c) noexcept {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

/// Unicode's general category Cc.
[[nodiscard]] constexpr bool is_control(char32_t c) noexcept { return c < 0x20 || (c >= 0x7F && c <= 0x9F); }

/// `text` without white space at either end. What is not UTF-8 is kept: whoever reads it next will refuse it.
[[nodiscard]] constexpr std::string_view trim(std::string_view text) noexcept {
  std::size_t begin = text.size();
  std::size_t end = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t at = text.size() - rest.size();
    const auto c = next_code_point(rest);
    if (!c) rest.remove_prefix(1);
    if (c && is_white_space(*c)) continue;
    if (begin == text.size()) begin = at;
    end = text.size() - rest.size();
  }
  return begin < end ? text.substr(begin, end - begin) : std::string_view{};
}

}  // namespace event_draft::detail
