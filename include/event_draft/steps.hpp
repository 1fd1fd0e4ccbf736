#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string_view>

#include <event_draft/cache_entry.hpp>
#include <event_draft/cache_key.hpp>
#include <event_draft/create_event_draft.hpp>
#include <event_draft/event_draft.hpp>
#include <event_draft/observer.hpp>
#include <event_draft/options.hpp>
#include <event_draft/ports.hpp>
#include <event_draft/settlement.hpp>

// The decisions of the flow, as functions of their arguments alone. A driver only sequences them.
namespace event_draft::steps {

/// A cached value and what it is worth. `draft` is there exactly when `outcome` is `hit`.
struct Looked {
  StepOutcome outcome;
  std::optional<EventDraft> draft = std::nullopt;
};

/// Step 1: may the value under the user's key be returned as the draft in progress? Clocks of several hosts differ, so a
/// draft from a little ahead of `now` is as good as one from a little before.
[[nodiscard]] inline Looked judge_in_progress(std::string_view value, UserId user, Timestamp now) noexcept {
  Looked looked{StepOutcome::hit, decode_cache_entry(value)};
  if (!looked.draft) {
    looked = {StepOutcome::damaged};
  } else if (looked.draft->user_id != user) {
    looked = {StepOutcome::foreign};
  } else if (std::chrono::abs(now - looked.draft->created_at) >= in_progress_window ||
             looked.draft->status != DraftStatus::draft) {
    looked = {StepOutcome::expired};
  }
  return looked;
}

/// A read: may the value under the draft's key be returned to this user?
[[nodiscard]] inline Looked judge_cached(std::string_view value, const DraftId& id, UserId user) noexcept {
  Looked looked{StepOutcome::hit, decode_cache_entry(value)};
  if (!looked.draft) {
    looked = {StepOutcome::damaged};
  } else if (looked.draft->user_id != user || looked.draft->id != id) {
    looked = {StepOutcome::foreign};
  }
  return looked;
}

/// Does the command ask for anything else than what the draft holds?
[[nodiscard]] constexpr bool differs(const EventDraft& draft, const CreateEventDraft& command) noexcept {
  return parse_objective(command.objective) != draft.objective || command.store_name != draft.store.name() ||
         command.industry != draft.store.industry() || command.address != draft.store.address();
}

/// Does the user's draft in progress make room for what the command asks for?
[[nodiscard]] constexpr bool gives_way(const EventDraft& current, const CreateEventDraft& command,
                                       InProgressPolicy policy) noexcept {
  return policy == InProgressPolicy::replace_if_different && differs(current, command);
}

/// Step 2: EVENT_001, EVENT_002, `invalid_store_info`, or the draft to save.
[[nodiscard]] constexpr Result<NewEventDraft> validate(const CreateEventDraft& command, UserId user,
                                                       Timestamp now) noexcept {
  const auto objective = parse_objective(command.objective);
  if (!objective) return Error{Errc::invalid_objective, {Field::objective}};
  BOOST_OUTCOME_TRY(auto&& store, StoreInfo::make(command.store_name, command.industry, command.address));
  return NewEventDraft{user, *objective, store, now, TraceParent::parse(command.traceparent)};
}

/// Step 3, after a save whose outcome is unknown was tried again: is the draft that holds the window the one that the
/// first try stored? Equal to the millisecond and the letter, it is either that or its twin, whose event is the same one.
[[nodiscard]] constexpr bool is_stored_form_of(const NewEventDraft& draft, const EventDraft& holder) noexcept {
  return with_id(draft, holder.id) == holder;
}

/// What a failure of the repository means to the caller. A corrupt row stays what it is; all else is unavailability.
[[nodiscard]] constexpr Error storage_error(const Error& error) noexcept {
  if (error.code == Errc::corrupt_draft) return error;
  return {Errc::storage_unavailable, {}, error.certainty};
}

/// Step 5, in an outbox: what the relay is to do after the request's own publish. A broker that is down is no fault of the
/// event's, so only its refusal counts as the event's attempt.
[[nodiscard]] inline Settlement settlement(const EventLease& lease, const Result<void>& published) noexcept {
  if (published) return Settlement::published(lease);
  const Errc reason = published.assume_error().code;
  return Settlement::retry(lease, {}, reason == Errc::event_rejected, reason);
}

/// Step 4: the draft under its own key for 24 hours and under its user's for the window, in one call. An approved draft
/// under the user's key says that none is in progress.
class CacheWrites {
 public:
  explicit CacheWrites(const EventDraft& draft) noexcept
      : entry_{encode_cache_entry(draft)}, draft_key_{cache_key(draft.id)}, user_key_{cache_key(draft.user_id)} {}

  [[nodiscard]] std::array<CacheWrite, 2> both() const& noexcept {
    return {found(), CacheWrite{user_key_, entry_.view(), in_progress_window}};
  }
  [[nodiscard]] CacheWrite found() const& noexcept { return {draft_key_, entry_.view(), draft_time_to_live}; }

 private:
  CacheEntry entry_;
  CacheKey draft_key_;
  CacheKey user_key_;
};

}  // namespace event_draft::steps
