#pragma once

#include <chrono>
#include <optional>

#include <event_draft/draft_id.hpp>
#include <event_draft/draft_status.hpp>
#include <event_draft/objective.hpp>
#include <event_draft/store_info.hpp>
#include <event_draft/timestamp.hpp>
#include <event_draft/trace_parent.hpp>
#include <event_draft/user_id.hpp>

namespace event_draft {

/// How long a draft counts as the user's draft in progress (the specification's header note: 30 minutes).
inline constexpr std::chrono::minutes in_progress_window{30};

/// An event draft as it is stored (step 3).
struct EventDraft {
  DraftId id;
  UserId user_id;
  Objective objective;
  StoreInfo store;
  DraftStatus status;
  Timestamp created_at;

  friend bool operator==(const EventDraft&, const EventDraft&) noexcept = default;
};

/// A validated draft on its way to the repository, which gives it its id.
struct NewEventDraft {
  UserId user_id;
  Objective objective;
  StoreInfo store;
  Timestamp created_at;
  std::optional<TraceParent> trace = std::nullopt;        ///< the request's, for the event
  std::optional<DraftId> replaces = std::nullopt;         ///< the draft that it takes the user's window over from
  std::chrono::milliseconds window = in_progress_window;  ///< how long it claims the user's window

  friend bool operator==(const NewEventDraft&, const NewEventDraft&) noexcept = default;
};

/// What `save` gives back: the new draft, or the one that already holds the user's window.
struct SavedDraft {
  EventDraft draft;
  bool inserted;  ///< false: `draft` was there before, nothing was stored

  friend bool operator==(const SavedDraft&, const SavedDraft&) noexcept = default;
};

/// The stored form of `draft` under the id that the repository gave it.
[[nodiscard]] constexpr EventDraft with_id(const NewEventDraft& draft, const DraftId& id) noexcept {
  return {id, draft.user_id, draft.objective, draft.store, DraftStatus::draft, draft.created_at};
}

}  // namespace event_draft
