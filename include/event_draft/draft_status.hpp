#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace event_draft {

/// Where a draft stands. It is made as a draft (step 3), and approved once, for good (the note on event publishing).
enum class DraftStatus : std::uint8_t { draft, approved };

inline constexpr std::array all_draft_statuses{DraftStatus::draft, DraftStatus::approved};

[[nodiscard]] constexpr std::string_view to_string(DraftStatus status) noexcept {
  switch (status) {
    case DraftStatus::draft: return "DRAFT";
    case DraftStatus::approved: break;
  }
  return "APPROVED";
}

[[nodiscard]] constexpr std::optional<DraftStatus> parse_draft_status(std::string_view text) noexcept {
  for (const DraftStatus status : all_draft_statuses) {
    if (text == to_string(status)) return status;
  }
  return std::nullopt;
}

}  // namespace event_draft
