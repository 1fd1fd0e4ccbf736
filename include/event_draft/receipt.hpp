#pragma once

#include <cstdint>
#include <string_view>

#include <event_draft/event_draft.hpp>
#include <event_draft/step.hpp>

namespace event_draft {

/// Where the draft of a receipt comes from.
enum class Origin : std::uint8_t {
  created,      ///< this request made it
  in_progress,  ///< the user had begun it before
};

[[nodiscard]] constexpr std::string_view to_string(Origin origin) noexcept {
  return origin == Origin::created ? "created" : "in_progress";
}

/// What became of the event of this request.
enum class EventDelivery : std::uint8_t {
  acknowledged,  ///< the broker has it
  pending,       ///< stored with the draft; the relay delivers it
  lost,          ///< the draft is stored, the publish failed, and nothing will try again
  none,          ///< nothing was created or approved, so there is no event
};

[[nodiscard]] constexpr std::string_view to_string(EventDelivery delivery) noexcept {
  switch (delivery) {
    case EventDelivery::acknowledged: return "acknowledged";
    case EventDelivery::pending: return "pending";
    case EventDelivery::lost: return "lost";
    case EventDelivery::none: break;
  }
  return "none";
}

/// What a create gives back (step 6), and what happened on the way.
struct Receipt {
  EventDraft draft;
  Origin origin;
  bool differs;  ///< the draft in progress is not what this command asks for
  EventDelivery event;
  StepSet degraded;  ///< cache steps that failed; the request went on without them
  StepDurations durations;
};

/// Whether a request's approval was the one.
enum class Approval : std::uint8_t {
  approved,          ///< this request approved the draft
  already_approved,  ///< it was approved before; nothing was changed
};

[[nodiscard]] constexpr std::string_view to_string(Approval approval) noexcept {
  return approval == Approval::approved ? "approved" : "already_approved";
}

/// What an approval gives back.
struct ApprovalReceipt {
  EventDraft draft;
  Approval approval;
  EventDelivery event;
  StepSet degraded;  ///< cache steps that failed; the request went on without them
  StepDurations durations;
};

/// What a find gives back.
struct FoundDraft {
  EventDraft draft;
  bool from_cache;   ///< the repository was not asked
  StepSet degraded;  ///< cache steps that failed; the request went on without them
  StepDurations durations;
};

}  // namespace event_draft
