#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <event_draft/event_draft.hpp>
#include <event_draft/observer.hpp>
#include <event_draft/receipt.hpp>
#include <event_draft/result.hpp>
#include <event_draft/steps.hpp>

// What a port's answer means for the operation, and what the observer hears of it. Each ends its step in the run. They know
// nothing of how the port was called, so every driver uses them.
namespace event_draft::outcomes {

/// Steps 1 and a read's look-up. `judge` says what a value that is there is worth; a cache that failed is gone without.
template <class Run, class Judge>
[[nodiscard]] steps::Looked of_lookup(const Result<std::optional<std::string>>& value, Judge judge, Run& run) noexcept {
  steps::Looked looked = !value                  ? steps::Looked{StepOutcome::failed}
                         : !value.assume_value() ? steps::Looked{StepOutcome::miss}
                                                 : judge(*value.assume_value());
  if (value) {
    run.end(Step::lookup, looked.outcome, looked.draft ? looked.draft->id.view() : std::string_view{});
  } else {
    run.degrade(Step::lookup, value.assume_error());
  }
  return looked;
}

/// Step 2.
template <class T, class Run>
void of_validation(const Result<T>& valid, Run& run) noexcept {
  if (valid) {
    run.end(Step::validate, StepOutcome::ok);
  } else {
    run.end(Step::validate, StepOutcome::rejected, {}, valid.assume_error());
  }
}

/// Step 3. The repository's own error becomes the caller's; another user's draft becomes `corrupt_draft`: it is never handed
/// out, whatever the repository says.
template <class Run>
void of_save(Result<SavedDraft>& saved, const NewEventDraft& draft, Run& run) noexcept {
  if (!saved) {
    run.end(Step::save, StepOutcome::failed, {}, saved.assume_error());
    saved = steps::storage_error(saved.assume_error());
    return;
  }
  const auto& [stored, inserted, lease] = saved.assume_value();
  if (stored.user_id == draft.user_id) {
    run.end(Step::save, inserted ? StepOutcome::ok : StepOutcome::in_progress, stored.id.view());
  } else {
    run.end(Step::save, StepOutcome::foreign, stored.id.view());
    saved = Error{Errc::corrupt_draft, {}, Certainty::unknown};
  }
}

/// A further try of a save that may have been applied: a holder that is what was to be saved is an earlier try's work.
inline void of_second_save(Result<SavedDraft>& saved, const NewEventDraft& draft) noexcept {
  if (saved) {
    auto& [holder, inserted, lease] = saved.assume_value();
    inserted = inserted || steps::is_stored_form_of(draft, holder);
  } else {
    saved.assume_error().certainty = Certainty::unknown;
  }
}

/// Step 4, and a read's refill.
template <class Run>
void of_caching(const Result<void>& written, const EventDraft& draft, Run& run) noexcept {
  if (written) {
    run.end(Step::cache, StepOutcome::ok, draft.id.view());
  } else {
    run.degrade(Step::cache, written.assume_error(), draft.id.view());
  }
}

/// Step 5. `unless` is what an event that was not acknowledged is: pending where an outbox has it, else lost.
template <class Run>
[[nodiscard]] EventDelivery of_publishing(const Result<void>& published, const DraftId& id, EventDelivery unless,
                                          Run& run) noexcept {
  if (published) {
    run.end(Step::publish, StepOutcome::ok, id.view());
    return EventDelivery::acknowledged;
  }
  const bool is_pending = unless == EventDelivery::pending;
  run.end(Step::publish, is_pending ? StepOutcome::pending : StepOutcome::lost, id.view(), published.assume_error());
  return unless;
}

/// Step 5, of an event that is the relay's to publish: somebody else may have its lease, or an earlier event goes first.
template <class Run>
[[nodiscard]] EventDelivery of_leaving(const DraftId& id, Run& run) noexcept {
  run.end(Step::publish, StepOutcome::pending, id.view());
  return EventDelivery::pending;
}

/// An approval: only of the owner's draft, and only of the one that was asked for.
template <class Run>
[[nodiscard]] Result<ApprovedDraft> of_approval(const Result<std::optional<ApprovedDraft>>& approved,
                                                const DraftApproval& approval, Run& run) noexcept {
  const std::string_view id = approval.id.view();
  if (!approved) {
    run.end(Step::approve, StepOutcome::failed, id, approved.assume_error());
    return steps::storage_error(approved.assume_error());
  }
  if (!approved.assume_value()) {
    run.end(Step::approve, StepOutcome::miss, id);
    return Errc::draft_not_found;
  }
  const auto& [draft, approved_now, lease] = *approved.assume_value();
  if (draft.user_id != approval.user_id || draft.id != approval.id || draft.status != DraftStatus::approved) {
    run.end(Step::approve, StepOutcome::foreign, id);
    return Error{Errc::corrupt_draft, {}, Certainty::unknown};
  }
  run.end(Step::approve, approved_now ? StepOutcome::ok : StepOutcome::repeated, id);
  return *approved.assume_value();
}

/// The second try of an approval that may have been applied: a draft that is approved by now counts as the first try's work,
/// so that its event is not forgotten. That there is no such draft was so at the first try too.
inline void of_second_approval(Result<ApprovedDraft>& approved) noexcept {
  if (approved) {
    approved.assume_value().approved_now = true;
  } else if (approved.assume_error().code != Errc::draft_not_found) {
    approved.assume_error().certainty = Certainty::unknown;
  }
}

/// A read's look into the repository: only the owner's draft, and only the one that was asked for.
template <class Run>
[[nodiscard]] Result<EventDraft> of_load(const Result<std::optional<EventDraft>>& loaded, const DraftId& id,
                                         UserId user, Run& run) noexcept {
  if (!loaded) {
    run.end(Step::load, StepOutcome::failed, id.view(), loaded.assume_error());
    return steps::storage_error(loaded.assume_error());
  }
  const auto& draft = loaded.assume_value();
  const bool readable = draft && draft->user_id == user && draft->id == id;
  run.end(Step::load, readable ? StepOutcome::ok : draft ? StepOutcome::foreign : StepOutcome::miss, id.view());
  if (!readable) return Errc::draft_not_found;
  return *draft;
}

}  // namespace event_draft::outcomes
