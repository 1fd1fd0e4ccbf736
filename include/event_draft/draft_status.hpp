#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace event_draft {

/// Where a draft stands. The specification's flow makes drafts and leaves them so.
enum class DraftStatus : std::uint8_t { draft };

[[nodiscard]] constexpr std::string_view to_string(DraftStatus status) noexcept {
  switch (status) {
    case DraftStatus::draft: break;
  }
  return "DRAFT";
}

[[nodiscard]] constexpr std::optional<DraftStatus> parse_draft_status(std::string_view text) noexcept {
  if (text == to_string(DraftStatus::draft)) return DraftStatus::draft;
  return std::nullopt;
}

}  // namespace event_draft
