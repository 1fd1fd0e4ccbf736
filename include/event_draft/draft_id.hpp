#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <event_draft/detail/inline_text.hpp>

namespace event_draft {

/// A draft's id: `draft-` and 1 to 58 of `[A-Za-z0-9_-]`. It never reads as a user id, so the two kinds of cache keys
/// can share their prefix.
class DraftId {
 public:
  static constexpr std::string_view prefix = "draft-";
  static constexpr std::size_t max_size = 64;  ///< bytes, the prefix included

  /// nullopt for text of any other form.
  [[nodiscard]] static constexpr std::optional<DraftId> parse(std::string_view text) noexcept {
    if (!text.starts_with(prefix) || text.size() == prefix.size() || text.size() > max_size) return std::nullopt;
    for (const char c : text) {
      if (!is_allowed(c)) return std::nullopt;
    }
    DraftId id;
    id.text_.append(text);
    return id;
  }

  /// The id of a repository that numbers its drafts: `draft-1`, `draft-2`, …
  [[nodiscard]] static constexpr DraftId numbered(std::uint64_t number) noexcept {
    DraftId id;
    id.text_.append(prefix).append_number(number);
    return id;
  }

  [[nodiscard]] constexpr std::string_view view() const noexcept { return text_.view(); }

  friend constexpr bool operator==(const DraftId& a, const DraftId& b) noexcept { return a.view() == b.view(); }
  friend constexpr auto operator<=>(const DraftId& a, const DraftId& b) noexcept { return a.view() <=> b.view(); }

 private:
  constexpr DraftId() noexcept = default;

  static constexpr bool is_allowed(char c) noexcept {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  }

  detail::InlineText<max_size> text_;
};

}  // namespace event_draft
