#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace event_draft {

/// The specification's events, in the order in which a draft has them (the note on event publishing).
enum class EventType : std::uint8_t {
  event_draft_created,  ///< the objective was chosen (step 5)
  event_created,        ///< the draft was approved; statistics begin
};

inline constexpr std::array all_event_types{EventType::event_draft_created, EventType::event_created};

[[nodiscard]] constexpr std::string_view to_string(EventType type) noexcept {
  switch (type) {
    case EventType::event_draft_created: return "EventDraftCreated";
    case EventType::event_created: break;
  }
  return "EventCreated";
}

[[nodiscard]] constexpr std::optional<EventType> parse_event_type(std::string_view text) noexcept {
  for (const EventType type : all_event_types) {
    if (text == to_string(type)) return type;
  }
  return std::nullopt;
}

}  // namespace event_draft
