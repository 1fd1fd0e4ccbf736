#pragma once

#include <chrono>
#include <optional>

#include <event_draft/draft_id.hpp>
#include <event_draft/draft_status.hpp>
#include <event_draft/lease.hpp>
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
  std::optional<TraceParent> trace = std::nullopt;             ///< the request's, for the event
  std::optional<DraftId> replaces = std::nullopt;              ///< the draft that it takes the user's window over from
  std::chrono::milliseconds window = in_progress_window;       ///< how long it claims the user's window
  std::chrono::milliseconds event_lease = inline_event_lease;  ///< how long an outbox keeps its event from the relay

  friend bool operator==(const NewEventDraft&, const NewEventDraft&) noexcept = default;
};

/// What `save` gives back: the new draft, or the one that already holds the user's window.
struct SavedDraft {
  EventDraft draft;
  bool inserted;                                   ///< false: `draft` was there before, nothing was stored
  std::optional<LeaseToken> lease = std::nullopt;  ///< of its event, from a repository with an outbox

  friend bool operator==(const SavedDraft&, const SavedDraft&) noexcept = default;
};

/// What `approve` is asked: the final approval of a draft by its owner.
struct DraftApproval {
  DraftId id;
  UserId user_id;
  Timestamp approved_at;
  std::optional<TraceParent> trace = std::nullopt;             ///< the request's, for the event
  std::chrono::milliseconds event_lease = inline_event_lease;  ///< how long an outbox keeps its event from the relay

  friend bool operator==(const DraftApproval&, const DraftApproval&) noexcept = default;
};

/// What `approve` gives back.
struct ApprovedDraft {
  EventDraft draft;                                ///< with the status APPROVED
  bool approved_now;                               ///< false: it was approved before, nothing was changed
  std::optional<LeaseToken> lease = std::nullopt;  ///< of its event, when it may be published before the relay does

  friend bool operator==(const ApprovedDraft&, const ApprovedDraft&) noexcept = default;
};

/// The stored form of `draft` under the id that the repository gave it.
[[nodiscard]] constexpr EventDraft with_id(const NewEventDraft& draft, const DraftId& id) noexcept {
  return {id, draft.user_id, draft.objective, draft.store, DraftStatus::draft, draft.created_at};
}

}  // namespace event_draft
