#pragma once

#include <algorithm>
#include <cstddef>
#include <event_draft/detail/utf8.hpp>
#include <string>
#include <string_view>

namespace event_draft::consumer {

/// Columns that a terminal gives a character: two for Hangul syllables, Chinese characters and the like (Unicode's East Asian
/// Width W and F), none for what is drawn onto the one before it.
[[nodiscard]] constexpr std::size_t columns(char32_t c) noexcept {
  const auto within = [c](char32_t first, char32_t last) { return c >= first && c <= last; };
  if (within(0x0300, 0x036F) || within(0x1160, 0x11FF) || within(0x200B, 0x200F) || within(0xFE00, 0xFE0F)) return 0;
  const bool is_wide = within(0x1100, 0x115F) || within(0x2E80, 0x303E) || within(0x3041, 0xA4CF) ||
                       within(0xA960, 0xA97C) || within(0xAC00, 0xD7A3) || within(0xF900, 0xFAFF) ||
                       within(0xFE30, 0xFE6F) || within(0xFF00, 0xFF60) || within(0xFFE0, 0xFFE6) ||
                       within(0x1F300, 0x1F64F) || within(0x1F900, 0x1F9FF) || within(0x20000, 0x3FFFD);
  return is_wide ? 2 : 1;
}

/// Columns of a text; a byte that is no UTF-8 takes one.
[[nodiscard]] constexpr std::size_t text_width(std::string_view text) noexcept {
  std::size_t width = 0;
  while (!text.empty()) {
    const auto c = detail::next_code_point(text);
    if (!c) text.remove_prefix(1);
    width += c ? columns(*c) : 1;
  }
  return width;
}

/// With spaces before it, up to `width` columns.
[[nodiscard]] inline std::string right(std::string_view text, std::size_t width) {
  return std::string(width - std::min(width, text_width(text)), ' ').append(text);
}

}  // namespace event_draft::consumer
