#pragma once

#include <algorithm>
#include <chrono>

#include <event_draft/create_event_draft.hpp>
#include <event_draft/options.hpp>
#include <event_draft/receipt.hpp>
#include <event_draft/relay_options.hpp>
#include <event_draft/result.hpp>
#include <event_draft/steps.hpp>

#include "local_clock.hpp"
#include "request.hpp"
#include "statistics.hpp"
#include "witness.hpp"

// What a client was told, held against what the witness saw. Only answers of processes that live are judged: nobody hears the
// others.
namespace event_draft::simulation {

/// How long an operation took more than it may is lost in the rounding of drifting clocks.
inline constexpr std::chrono::milliseconds rounding{1};

/// The calls that an operation makes at most, and its time.
inline void judge_effort(Witness& witness, const Request& request, const Budget& budget, SteadyTime ended) {
  const auto at_most = [&](PortFunction function, int count) {
    witness.require(request.count(function) <= count, "an operation's calls are bounded");
  };
  const bool creates = request.operation == Operation::create;
  const bool approves = request.operation == Operation::approve;
  at_most(PortFunction::get, approves ? 0 : 1);
  at_most(PortFunction::save, creates ? 4 : 0);  // twice, and twice again when it takes a window over
  at_most(PortFunction::find, creates || approves ? 0 : 1);
  at_most(PortFunction::approve, approves ? 2 : 0);
  at_most(PortFunction::set, 1);
  at_most(PortFunction::publish, creates || approves ? 1 : 0);
  witness.require(request.stood_still || ended - request.began <= budget.request + rounding,
                  "an operation ends within its budget");
}

/// What every answer that is an error may be.
inline void judge_error(Witness& witness, Request& request, const Error& error, bool did_something) {
  witness.require(error.code == Errc::storage_unavailable, "a failure is the storage's");
  request.disowned = error.certainty == Certainty::not_applied;
  witness.require(!request.disowned || !did_something, "what was applied is not told as not applied");
}

inline void judge_create(Witness& witness, Request& request, const CreateEventDraft& command,
                         const Result<Receipt>& answer, const LocalClock& clock) {
  if (!answer) return judge_error(witness, request, answer.assume_error(), request.stored != 0);
  const Receipt& receipt = answer.assume_value();
  const WatchedDraft* const stored = witness.find(receipt.draft.id);
  witness.require(stored != nullptr, "what is acknowledged is stored");
  if (stored == nullptr) return;
  EventDraft told = receipt.draft;
  witness.require(told.status == DraftStatus::draft, "a draft in progress is not approved");
  told.status = stored->draft.status;  // somebody may have approved it since
  witness.require(told == stored->draft, "what is acknowledged is stored, word by word");
  witness.require(told.user_id.value() == request.user, "nobody is given another's draft");
  witness.require(receipt.differs == steps::differs(told, command), "a receipt says whether the draft differs");
  const bool is_own_work = (request.stored & bit(witness.index(*stored))) != 0;
  if (receipt.origin == Origin::created) {
    witness.require(!receipt.differs, "what was created is what was asked for");
    const bool is_twin = request.count(PortFunction::save) > 1 && told.created_at == request.created_at;
    witness.require(is_own_work || is_twin, "what was created was not there before");
  } else {
    witness.require(!is_own_work, "who has created a draft is told so");
    witness.require(receipt.event == EventDelivery::none, "a draft in progress makes no event");
    const bool is_cached = request.count(PortFunction::save) == 0;
    const bool is_timeless = request.stood_still || clock.has_jumped();
    const bool is_over = clock.now() - told.created_at >= in_progress_window + Budget{}.request;
    witness.require(!is_cached || is_timeless || !is_over, "a draft in progress is not past its window");
  }
  if (receipt.event == EventDelivery::acknowledged) {
    witness.require(stored->created.copies != 0, "an event that is told as acknowledged is at the broker");
  }
}

inline void judge_find(Witness& witness, const Request& request, const DraftId& id, const Result<FoundDraft>& answer) {
  const WatchedDraft* const stored = witness.find(id);
  const bool is_own = stored != nullptr && stored->draft.user_id.value() == request.user;
  if (!answer) {
    const Errc code = answer.assume_error().code;
    witness.require(code == Errc::draft_not_found || code == Errc::storage_unavailable, "a failure is the storage's");
    const bool was_there = is_own && witness.index(*stored) < request.drafts_before;
    witness.require(code != Errc::draft_not_found || !was_there, "the owner finds what is stored");
    return;
  }
  witness.require(is_own, "nobody is given another's draft");
  if (!is_own) return;
  EventDraft told = answer.assume_value().draft;
  witness.require(told.status == DraftStatus::draft || stored->draft.status == DraftStatus::approved,
                  "what is told as approved is approved");
  if (told.status != stored->draft.status) witness.count(Count::stale_answers);
  told.status = stored->draft.status;  // the cache may not have heard of the approval
  witness.require(told == stored->draft, "what is found is what is stored");
}

inline void judge_approve(Witness& witness, Request& request, const DraftId& id,
                          const Result<ApprovalReceipt>& answer) {
  const WatchedDraft* const stored = witness.find(id);
  const bool is_own = stored != nullptr && stored->draft.user_id.value() == request.user;
  if (!answer && answer.assume_error().code == Errc::draft_not_found) {
    const bool was_there = is_own && witness.index(*stored) < request.drafts_before;
    return witness.require(!was_there, "the owner finds what is stored");
  }
  if (!answer) return judge_error(witness, request, answer.assume_error(), request.approved != 0);
  const ApprovalReceipt& receipt = answer.assume_value();
  witness.require(is_own, "nobody is given another's draft");
  if (!is_own) return;
  witness.require(receipt.draft == stored->draft && stored->approved, "what is told as approved is approved");
  const bool is_own_work = request.approved != 0;
  witness.require(is_own_work
                      ? receipt.approval == Approval::approved
                      : receipt.approval == Approval::already_approved || request.count(PortFunction::approve) > 1,
                  "a draft is approved once");
  if (receipt.event == EventDelivery::acknowledged && stored->approved) {
    witness.require(stored->approved->copies != 0, "an event that is told as acknowledged is at the broker");
  }
}

/// A relay's pass: what it may do, and how long.
inline void judge_pass(Witness& witness, const Request& request, const RelayOptions& options, SteadyTime ended) {
  const auto at_most = [&](PortFunction function, std::size_t count) {
    witness.require(static_cast<std::size_t>(request.count(function)) <= count, "a pass's calls are bounded");
  };
  at_most(PortFunction::settle, 2 + request.claimed);  // at the ends, and while it publishes
  at_most(PortFunction::claim, 1);
  at_most(PortFunction::publish, request.claimed);
  at_most(PortFunction::remove_published, 1);
  const auto most = std::max(options.lease / 2, options.call) + 4 * options.call + rounding;
  witness.require(request.stood_still || ended - request.began <= most, "a pass ends in time");
}

}  // namespace event_draft::simulation
