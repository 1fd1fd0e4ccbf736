#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <system_error>

namespace event_draft::detail {

[[nodiscard]] constexpr bool must_escape(char c) noexcept {
  return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
}

/// The high bit of each of eight bytes that a JSON string must escape. A borrow may mark a byte after a marked one falsely,
/// so only the lowest mark counts (little endian).
[[nodiscard]] inline std::uint64_t escape_marks(const char* eight) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101;
  std::uint64_t x = 0;
  std::memcpy(&x, eight, sizeof x);
  const std::uint64_t quote = x ^ (ones * '"');
  const std::uint64_t backslash = x ^ (ones * '\\');
  return (((quote - ones) & ~quote) | ((backslash - ones) & ~backslash) | ((x - ones * 0x20) & ~x)) & (ones * 0x80);
}

[[nodiscard]] constexpr std::size_t first_marked(std::uint64_t marks) noexcept {
  return static_cast<std::size_t>(std::countr_zero(marks)) / 8;
}

/// The index of the first byte that a JSON string must escape (`"`, `\`, below U+0020), or the text's size.
[[nodiscard]] inline std::size_t find_escape(std::string_view text) noexcept {
  std::size_t i = 0;
  if constexpr (std::endian::native == std::endian::little) {
    for (; i + 8 <= text.size(); i += 8) {
      if (const auto marks = escape_marks(text.data() + i); marks != 0) return i + first_marked(marks);
    }
  }
  while (i < text.size() && !must_escape(text[i])) ++i;
  return i;
}

/// Copies `text` up to the first byte that a JSON string must escape, and gives the count; `to` has room for all of it.
inline std::size_t copy_clean(char* to, std::string_view text) noexcept {
  std::size_t i = 0;
  if constexpr (std::endian::native == std::endian::little) {
    for (; i + 8 <= text.size(); i += 8) {
      std::memcpy(to + i, text.data() + i, 8);
      if (const auto marks = escape_marks(text.data() + i); marks != 0) return i + first_marked(marks);
    }
    if (i != 0) {  // the rest, together with bytes that are known to be clean
      const std::size_t last = text.size() - 8;
      std::memcpy(to + last, text.data() + last, 8);
      const auto marks = escape_marks(text.data() + last);
      return marks != 0 ? last + first_marked(marks) : text.size();
    }
  }
  for (; i < text.size() && !must_escape(text[i]); ++i) to[i] = text[i];
  return i;
}

/// Writes compact JSON into `Capacity` bytes of its own, without allocation. The caller knows the bound of what it writes;
/// what would pass it is left out, and `complete()` says so.
template <std::size_t Capacity>
class JsonWriter {
 public:
  /// Text that is JSON already: braces, names, colons. Always inlined, so that a literal is copied in moves of known size.
  [[gnu::always_inline]] JsonWriter& raw(std::string_view json) noexcept {
    if (!has_room(json.size())) return *this;
    std::copy(json.begin(), json.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += json.size();
    return *this;
  }

  /// A JSON string of text that has nothing to escape.
  JsonWriter& plain(std::string_view text) noexcept { return raw("\"").raw(text).raw("\""); }

  /// A JSON string; `text` is UTF-8.
  JsonWriter& string(std::string_view text) noexcept {
    raw("\"");
    while (has_room(text.size())) {
      const std::size_t clean = copy_clean(bytes_.data() + size_, text);
      size_ += clean;
      if (clean == text.size()) break;
      escape(text[clean]);
      text.remove_prefix(clean + 1);
    }
    return raw("\"");
  }

  JsonWriter& number(std::int64_t value) noexcept {
    const auto [end, error] = std::to_chars(bytes_.data() + size_, bytes_.data() + Capacity, value);
    if (error == std::errc{}) {
      size_ = static_cast<std::size_t>(end - bytes_.data());
    } else {
      complete_ = false;
    }
    return *this;
  }

  [[nodiscard]] std::string_view view() const noexcept { return {bytes_.data(), size_}; }
  [[nodiscard]] bool complete() const noexcept { return complete_; }

 private:
  bool has_room(std::size_t size) noexcept {
    if (size > Capacity - size_) complete_ = false;
    return size <= Capacity - size_;
  }

  void escape(char c) noexcept {
    constexpr std::string_view hex = "0123456789abcdef";
    if (c == '"' || c == '\\') {
      raw("\\").raw({&c, 1});
    } else {
      const auto code = static_cast<unsigned char>(c);
      raw("\\u00").raw(hex.substr(code >> 4U, 1)).raw(hex.substr(code & 0xFU, 1));
    }
  }

  std::size_t size_ = 0;
  bool complete_ = true;
  std::array<char, Capacity> bytes_;  // left uninitialised past size_
};

}  // namespace event_draft::detail
