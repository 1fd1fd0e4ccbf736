#pragma once

#include <optional>
#include <string_view>

#include <event_draft/detail/inline_text.hpp>
#include <event_draft/draft_id.hpp>
#include <event_draft/event_type.hpp>

namespace event_draft {

/// `draft-1.EventDraftCreated`: at most 82 bytes of ASCII.
using EventIdText = detail::InlineText<DraftId::max_size + 18>;

/// Which event: a draft has at most one of a type, so the two name it. By this id a consumer recognises a resend.
struct EventId {
  DraftId draft_id;
  EventType type;

  friend constexpr bool operator==(const EventId&, const EventId&) noexcept = default;
  friend constexpr auto operator<=>(const EventId&, const EventId&) noexcept = default;
};

/// `{eventDraftId}.{type}`
[[nodiscard]] constexpr EventIdText to_text(const EventId& id) noexcept {
  return EventIdText{id.draft_id.view()}.append(".").append(to_string(id.type));
}

/// Reads exactly what `to_text` writes; nullopt for anything else.
[[nodiscard]] constexpr std::optional<EventId> parse_event_id(std::string_view text) noexcept {
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto draft_id = DraftId::parse(text.substr(0, dot));
  const auto type = parse_event_type(text.substr(dot + 1));
  if (!draft_id || !type) return std::nullopt;
  return EventId{*draft_id, *type};
}

}  // namespace event_draft
