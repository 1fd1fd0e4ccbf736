#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string_view>

#include <event_draft/create_event_draft.hpp>
#include <event_draft/event_draft.hpp>
#include <event_draft/options.hpp>
#include <event_draft/outcomes.hpp>
#include <event_draft/receipt.hpp>
#include <event_draft/result.hpp>
#include <event_draft/run.hpp>
#include <event_draft/steps.hpp>
#include <event_draft/tries.hpp>

namespace event_draft {

/// One operation's steps that call no port but the clock and the observer, and what it answers. Every driver has one for each
/// operation, and makes the calls in between.
template <Clock ClockPort, Observer ObserverPort>
class Flow : public Run<ClockPort, ObserverPort> {
 public:
  Flow(Operation operation, std::int64_t user_id, const Options& options, ClockPort& clock,
       ObserverPort& observer) noexcept
      : Run<ClockPort, ObserverPort>{operation, user_id, options.budget, clock, observer},
        options_{options},
        clock_{clock} {}

  [[nodiscard]] Result<UserId> identify(std::int64_t user_id) noexcept {
    auto user = UserId::make(user_id);
    if (!user) this->end(Step::validate, StepOutcome::rejected, {}, user.assume_error());
    return user;
  }

  /// Step 1's judge of what the cache has under the user's key.
  [[nodiscard]] auto judge_in_progress(UserId user) const noexcept {
    return [this, user](std::string_view value) { return steps::judge_in_progress(value, user, clock_.now()); };
  }

  [[nodiscard]] bool gives_way(const EventDraft& current, const CreateEventDraft& command) const noexcept {
    return steps::gives_way(current, command, options_.in_progress);
  }

  /// Step 2.
  [[nodiscard]] Result<NewEventDraft> validate(const CreateEventDraft& command, UserId user) noexcept {
    auto draft = steps::validate(command, user, clock_.now());
    if (draft) draft.assume_value().event_lease = event_lease();
    outcomes::of_validation(draft, *this);
    return draft;
  }

  [[nodiscard]] SaveTries save_tries(NewEventDraft& draft, const CreateEventDraft& command) const noexcept {
    return {draft, command, options_.in_progress};
  }

  [[nodiscard]] DraftApproval approval(const DraftId& id, UserId user, std::string_view traceparent) const noexcept {
    return {id, user, clock_.now(), TraceParent::parse(traceparent), event_lease()};
  }

  [[nodiscard]] Result<Receipt> in_progress(const EventDraft& draft, const CreateEventDraft& command) const noexcept {
    return receipt(draft, Origin::in_progress, steps::differs(draft, command), EventDelivery::none);
  }

  /// Step 6.
  [[nodiscard]] Result<Receipt> created(const EventDraft& draft, EventDelivery event) const noexcept {
    return receipt(draft, Origin::created, false, event);
  }

  [[nodiscard]] Result<ApprovalReceipt> approved(const EventDraft& draft, EventDelivery event) const noexcept {
    const auto approval = event == EventDelivery::none ? Approval::already_approved : Approval::approved;
    return ApprovalReceipt{draft, approval, event, this->degraded(), this->durations()};
  }

  [[nodiscard]] Result<FoundDraft> found(const EventDraft& draft, bool from_cache) const noexcept {
    return Result<FoundDraft>{boost::outcome_v2::in_place_type<FoundDraft>, draft, from_cache, this->degraded(),
                              this->durations()};
  }

 private:
  // Made where it is returned: copying drafts is what a hit costs.
  Result<Receipt> receipt(const EventDraft& draft, Origin origin, bool differs, EventDelivery event) const noexcept {
    return Result<Receipt>{
        boost::outcome_v2::in_place_type<Receipt>, draft, origin, differs, event, this->degraded(), this->durations()};
  }

  /// The event is kept from the relay for as long as this request may still publish it, and as much again; at most 2 minutes.
  [[nodiscard]] std::chrono::milliseconds event_lease() const noexcept {
    return 2 * std::min<std::chrono::milliseconds>(options_.budget.request, std::chrono::minutes{1});
  }

  const Options& options_;
  ClockPort& clock_;
};

}  // namespace event_draft
