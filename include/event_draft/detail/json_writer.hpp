#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace event_draft::detail {

/// The index of the first byte that a JSON string must escape (`"`, `\`, below U+0020), or the text's size.
/// Eight bytes at a time: the lowest byte that the borrow tricks mark is always a true one.
[[nodiscard]] inline std::size_t find_escape(std::string_view text) noexcept {
  const auto must_escape = [](char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; };
  std::size_t i = 0;
  if constexpr (std::endian::native == std::endian::little) {
    constexpr std::uint64_t ones = 0x0101010101010101;
    constexpr std::uint64_t highs = ones * 0x80;
    const auto marks_at = [&](std::size_t at) {
      std::uint64_t x = 0;
      std::memcpy(&x, text.data() + at, sizeof x);
      const std::uint64_t quote = x ^ (ones * '"');
      const std::uint64_t backslash = x ^ (ones * '\\');
      return (((quote - ones) & ~quote) | ((backslash - ones) & ~backslash) | ((x - ones * 0x20) & ~x)) & highs;
    };
    const auto offset = [](std::uint64_t marks) { return static_cast<std::size_t>(std::countr_zero(marks)) / 8; };
    for (; i + 8 <= text.size(); i += 8) {
      if (const auto marks = marks_at(i); marks != 0) return i + offset(marks);
    }
    if (i != 0) {  // the rest, together with bytes that are known to be clean
      const std::size_t last = text.size() - 8;
      const auto marks = marks_at(last);
      return marks != 0 ? last + offset(marks) : text.size();
    }
  }
  while (i < text.size() && !must_escape(text[i])) ++i;
  return i;
}

/// Writes compact JSON into `Capacity` bytes of its own, without allocation. The caller knows the bound of what it writes;
/// what would pass it is left out, and `complete()` says so.
template <std::size_t Capacity>
class JsonWriter {
 public:
  /// Text that is JSON already: braces, names, colons.
  JsonWriter& raw(std::string_view json) noexcept {
    if (json.size() > Capacity - size_) {
      complete_ = false;
      return *this;
    }
    std::copy(json.begin(), json.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += json.size();
    return *this;
  }

  /// A JSON string; `text` is UTF-8.
  JsonWriter& string(std::string_view text) noexcept {
    raw("\"");
    for (std::size_t clean = find_escape(text); clean != text.size(); clean = find_escape(text)) {
      raw(text.substr(0, clean));
      escape(text[clean]);
      text.remove_prefix(clean + 1);
    }
    return raw(text).raw("\"");
  }

  JsonWriter& number(std::int64_t value) noexcept {
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    return raw({digits.data(), static_cast<std::size_t>(end - digits.data())});
  }

  [[nodiscard]] std::string_view view() const noexcept { return {bytes_.data(), size_}; }
  [[nodiscard]] bool complete() const noexcept { return complete_; }

 private:
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
