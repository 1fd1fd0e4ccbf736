#pragma once

#include <utility>

#include <event_draft/create_event_draft.hpp>
#include <event_draft/event_draft.hpp>
#include <event_draft/options.hpp>
#include <event_draft/outcomes.hpp>
#include <event_draft/result.hpp>
#include <event_draft/steps.hpp>

// What is asked of the repository more than once, and when that is enough. A driver calls; these judge.
namespace event_draft {

/// Step 3's saves. One that may have been applied is tried once more: the claim lets no second draft arise. The repository
/// names the window's holder, where the cache may have named none or an older one; a holder that gives way is replaced,
/// once: a request that was faster in between keeps the window.
class SaveTries {
 public:
  SaveTries(NewEventDraft& draft, const CreateEventDraft& command, InProgressPolicy policy) noexcept
      : draft_{draft}, command_{command}, policy_{policy} {}

  /// Judges the answer to the latest save, which becomes the caller's. Is the draft, as it is now, to be saved again?
  template <class Run>
  [[nodiscard]] bool again(Result<SavedDraft>& saved, Run& run) noexcept {
    outcomes::of_save(saved, draft_, run);
    if (in_doubt_) outcomes::of_second_save(saved, draft_);
    return saved ? replaces(saved.assume_value()) : repeats(saved.assume_error(), run);
  }

 private:
  bool replaces(const SavedDraft& saved) noexcept {
    if (saved.inserted || replacing_ || !steps::gives_way(saved.draft, command_, policy_)) return false;
    draft_.replaces = saved.draft.id;
    replacing_ = true;
    repeating_ = false;
    return true;
  }

  template <class Run>
  bool repeats(const Error& error, const Run& run) noexcept {
    in_doubt_ = in_doubt_ || error.certainty != Certainty::not_applied;
    return in_doubt_ && !std::exchange(repeating_, true) && run.has_time();
  }

  NewEventDraft& draft_;
  const CreateEventDraft& command_;
  InProgressPolicy policy_;
  bool in_doubt_ =
      false;  ///< an earlier save may have stored the draft, or may yet do so; whatever the later answers are
  bool replacing_ = false;
  bool repeating_ = false;
};

/// An approval's. One that may have been applied is tried once more: it can't be there twice.
class ApprovalTries {
 public:
  explicit ApprovalTries(const DraftApproval& approval) noexcept : approval_{approval} {}

  /// Judges the answer to the latest try: `approved` becomes what it means to the caller. Is it to be tried again?
  template <class Run>
  [[nodiscard]] bool again(const Result<std::optional<ApprovedDraft>>& answer, Result<ApprovedDraft>& approved,
                           Run& run) noexcept {
    approved = outcomes::of_approval(answer, approval_, run);
    if (repeating_) {
      outcomes::of_second_approval(approved);
      return false;
    }
    repeating_ = !approved && approved.assume_error().certainty != Certainty::not_applied && run.has_time();
    return repeating_;
  }

 private:
  const DraftApproval& approval_;
  bool repeating_ = false;
};

}  // namespace event_draft
