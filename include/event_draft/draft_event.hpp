#pragma once

#include <optional>

#include <event_draft/event_draft.hpp>
#include <event_draft/event_id.hpp>

namespace event_draft {

/// Something that happened to a draft, as an outbox stores it and a message tells it.
struct DraftEvent {
  EventId id;
  UserId user_id;
  Objective objective;
  Timestamp created_at;                             ///< the draft's
  Timestamp occurred_at;                            ///< the event's own
  std::optional<TraceParent> trace = std::nullopt;  ///< of the request that made it happen

  friend bool operator==(const DraftEvent&, const DraftEvent&) noexcept = default;
};

/// Step 5's event. The same stored draft gives the same event, however often it is made.
[[nodiscard]] constexpr DraftEvent draft_created(const EventDraft& draft,
                                                 const std::optional<TraceParent>& trace = std::nullopt) noexcept {
  return {{draft.id, EventType::event_draft_created},
          draft.user_id,
          draft.objective,
          draft.created_at,
          draft.created_at,
          trace};
}

/// The event of an approval.
[[nodiscard]] constexpr DraftEvent draft_approved(const EventDraft& draft, Timestamp approved_at,
                                                  const std::optional<TraceParent>& trace = std::nullopt) noexcept {
  return {{draft.id, EventType::event_created}, draft.user_id, draft.objective, draft.created_at, approved_at, trace};
}

}  // namespace event_draft
