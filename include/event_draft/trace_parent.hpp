#pragma once

#include <algorithm>
#include <optional>
#include <string_view>

#include <event_draft/detail/inline_text.hpp>

namespace event_draft {

/// A W3C Trace Context `traceparent`, so that a trace goes on in whoever consumes the event.
class TraceParent {
 public:
  /// `00-{32 hex}-{16 hex}-{2 hex}`, lower case, neither id all zero; nullopt for anything else, later versions included.
  [[nodiscard]] static constexpr std::optional<TraceParent> parse(std::string_view text) noexcept {
    if (text.size() != size || !text.starts_with("00-") || text[35] != '-' || text[52] != '-') return std::nullopt;
    const std::string_view trace = text.substr(3, 32);
    const std::string_view span = text.substr(36, 16);
    if (!is_hex(trace) || !is_hex(span) || !is_hex(text.substr(53))) return std::nullopt;
    if (is_zero(trace) || is_zero(span)) return std::nullopt;
    return TraceParent{text};
  }

  [[nodiscard]] constexpr std::string_view view() const noexcept { return text_.view(); }

  friend constexpr bool operator==(const TraceParent&, const TraceParent&) noexcept = default;

 private:
  static constexpr std::size_t size = 55;

  constexpr explicit TraceParent(std::string_view text) noexcept : text_{text} {}

  static constexpr bool is_hex(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  }
  static constexpr bool is_zero(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), [](char c) { return c == '0'; });
  }

  detail::InlineText<size> text_;
};

}  // namespace event_draft
