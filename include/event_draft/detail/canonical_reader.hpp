#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <system_error>

#include <event_draft/detail/json_writer.hpp>

namespace event_draft::detail {

/// Reads the one spelling of a value that `JsonWriter` gives it, piece by piece. After the first piece that is not there,
/// `ok()` is false for good and what is read means nothing.
class CanonicalReader {
 public:
  explicit CanonicalReader(std::string_view text) noexcept : rest_{text} {}

  CanonicalReader& raw(std::string_view json) noexcept {
    if (!rest_.starts_with(json)) return fail();
    rest_.remove_prefix(json.size());
    return *this;
  }

  /// A string whose only escapes are `\"` and `\\`: text with control characters is not ours. Lives as long as the reader.
  std::string_view string() noexcept {
    raw("\"");
    const std::size_t plain = find_escape(rest_);
    if (plain == rest_.size()) return fail(), std::string_view{};
    if (rest_[plain] == '"') {
      const std::string_view text = rest_.substr(0, plain);
      rest_.remove_prefix(plain + 1);
      return text;
    }
    return unescaped();
  }

  /// Digits without a sign or a leading zero.
  std::int64_t number() noexcept {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc{} || rest_.front() == '0' || rest_.front() == '-') return fail(), 0;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }

  [[nodiscard]] bool ok() const noexcept { return ok_; }
  [[nodiscard]] bool at_end() const noexcept { return ok_ && rest_.empty(); }

 private:
  std::string_view unescaped() noexcept {
    const std::size_t begin = scratch_size_;
    while (!rest_.empty() && scratch_size_ != scratch_.size()) {
      const bool escaped = rest_.starts_with("\\\"") || rest_.starts_with("\\\\");
      const char c = rest_[escaped ? 1 : 0];
      rest_.remove_prefix(escaped ? 2 : 1);
      if (!escaped && c == '"') return {scratch_.data() + begin, scratch_size_ - begin};
      if (!escaped && c == '\\') break;
      scratch_[scratch_size_++] = c;
    }
    return fail(), std::string_view{};
  }

  CanonicalReader& fail() noexcept {
    ok_ = false;
    rest_ = {};
    return *this;
  }

  std::string_view rest_;
  bool ok_ = true;
  std::size_t scratch_size_ = 0;
  std::array<char, 2048> scratch_;  // where strings with escapes are put together; longer than any store information
};

}  // namespace event_draft::detail
