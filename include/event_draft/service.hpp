#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include <event_draft/check_port.hpp>
#include <event_draft/clock.hpp>
#include <event_draft/create_event_draft.hpp>
#include <event_draft/observer.hpp>
#include <event_draft/options.hpp>
#include <event_draft/outbox.hpp>
#include <event_draft/outcomes.hpp>
#include <event_draft/port_call.hpp>
#include <event_draft/ports.hpp>
#include <event_draft/receipt.hpp>
#include <event_draft/run.hpp>
#include <event_draft/steps.hpp>

namespace event_draft {

/// The specification's EventService over the host's own ports, which it holds by reference and never owns. Its operations
/// never throw and allocate nothing of their own; they may run on any number of threads if the ports may.
template <class Repo, class Cache, class Publisher, class ClockPort = const SystemClock,
          class ObserverPort = const NoObserver>
class EventDraftService {
  static_assert(check_port<Repo, Port::repository>());
  static_assert(check_port<Cache, Port::cache>());
  static_assert(check_port<Publisher, Port::publisher>());
  static_assert(check_port<ClockPort, Port::clock>());
  static_assert(check_port<ObserverPort, Port::observer>());

 public:
  /// Over a repository with an outbox: every stored event is delivered, by this service or by the relay.
  EventDraftService(Repo& repository, Cache& cache, Publisher& publisher, Options options = {},
                    ClockPort& clock = system_clock, ObserverPort& observer = no_observer) noexcept
      : EventDraftService{accept_event_loss, repository, cache, publisher, std::move(options), clock, observer} {
    static_assert(
        has_outbox,
        "this repository has no outbox, so events can be lost: give it one (check_port<Repo, Port::outbox>() "
        "lists what it lacks), or accept that: EventDraftService{accept_event_loss, repository, cache, publisher}");
  }

  /// Over any repository. Without an outbox an event is lost when its publish fails or the process dies before it.
  EventDraftService(AcceptEventLoss, Repo& repository, Cache& cache, Publisher& publisher, Options options = {},
                    ClockPort& clock = system_clock, ObserverPort& observer = no_observer) noexcept
      : repository_{repository},
        cache_{cache},
        publisher_{publisher},
        options_{std::move(options)},
        clock_{clock},
        observer_{observer} {}

  /// Stores the user's choice as a draft, or gives back the draft that the user has in progress.
  /// Fails with `invalid_user`, `invalid_objective` (EVENT_001), `missing_store_info` (EVENT_002), `invalid_store_info`, or
  /// with `storage_unavailable` or `corrupt_draft`, whose certainty says whether a draft may be there nevertheless.
  [[nodiscard]] Result<Receipt> create_event_draft(const CreateEventDraft& command) noexcept {
    Flow flow{Operation::create, command.user_id, options_.budget, clock_, observer_};
    BOOST_OUTCOME_TRY(const auto user, identify(command.user_id, flow));
    // The numbers are the diagram's.
    // clang-format off
    const auto looked = draft_in_progress(user, flow);                         // 1
    const auto& current = looked.draft;
    if (current && !gives_way(*current, command)) return in_progress(*current, command, flow);
    BOOST_OUTCOME_TRY(auto&& new_draft, validate(command, user, flow));        // 2
    if (current) new_draft.replaces = current->id;
    BOOST_OUTCOME_TRY(auto&& saved, save(new_draft, command, flow));           // 3
    if (!saved.inserted) return in_progress(saved.draft, command, flow);
    cache_both(saved.draft, flow);                                             // 4
    const EventDelivery event = announce(draft_created(saved.draft, new_draft.trace), saved.lease, flow); // 5
    return receipt(saved.draft, Origin::created, false, event, flow);          // 6
    // clang-format on
  }

  /// Reads a draft for its owner (the cache strategy's note). For anyone else it is `draft_not_found`; further failures are
  /// `invalid_user`, `storage_unavailable` and `corrupt_draft`.
  [[nodiscard]] Result<FoundDraft> find_event_draft(const DraftId& id, std::int64_t user_id) noexcept {
    Flow flow{Operation::find, user_id, options_.budget, clock_, observer_};
    BOOST_OUTCOME_TRY(const auto user, identify(user_id, flow));
    if (const auto cached = cached_draft(id, user, flow); cached.draft) return found(*cached.draft, true, flow);
    BOOST_OUTCOME_TRY(auto&& draft, load(id, user, flow));
    cache_found(draft, flow);
    return found(draft, false, flow);
  }

  /// The final approval of a draft by its owner: DRAFT becomes APPROVED, the user's window ends, and `EventCreated` follows
  /// the draft's `EventDraftCreated`. A draft that is approved already is told as such: there is one approval and one event.
  /// `traceparent` is the request's. Fails with `invalid_user`, `draft_not_found` (for anyone but the owner), or with
  /// `storage_unavailable` or `corrupt_draft`, whose certainty says whether the approval may be there nevertheless.
  [[nodiscard]] Result<ApprovalReceipt> approve_event_draft(const DraftId& id, std::int64_t user_id,
                                                            std::string_view traceparent = {}) noexcept {
    static_assert(check_port<Repo, Port::approval>());
    Flow flow{Operation::approve, user_id, options_.budget, clock_, observer_};
    BOOST_OUTCOME_TRY(const auto user, identify(user_id, flow));
    const DraftApproval approval{id, user, clock_.now(), TraceParent::parse(traceparent), event_lease()};
    BOOST_OUTCOME_TRY(auto&& approved, approve_surely(approval, flow));
    cache_both(approved.draft, flow);
    if (!approved.approved_now) return approval_receipt(approved.draft, EventDelivery::none, flow);
    const auto event = draft_approved(approved.draft, approval.approved_at, approval.trace);
    return approval_receipt(approved.draft, announce(event, approved.lease, flow), flow);
  }

 private:
  using Flow = Run<ClockPort, ObserverPort>;
  static constexpr bool has_outbox = EventOutbox<Repo>;

  static Result<UserId> identify(std::int64_t user_id, Flow& flow) noexcept {
    auto user = UserId::make(user_id);
    if (!user) flow.end(Step::validate, StepOutcome::rejected, {}, user.assume_error());
    return user;
  }

  steps::Looked draft_in_progress(UserId user, Flow& flow) noexcept {
    return look_up(cache_key(user), flow,
                   [&](std::string_view value) { return steps::judge_in_progress(value, user, clock_.now()); });
  }

  steps::Looked cached_draft(const DraftId& id, UserId user, Flow& flow) noexcept {
    return look_up(cache_key(id), flow, [&](std::string_view value) { return steps::judge_cached(value, id, user); });
  }

  template <class Judge>
  steps::Looked look_up(const CacheKey& key, Flow& flow, Judge judge) noexcept {
    const auto value =
        call_port([&] { return cache_.get(key.view(), flow.cache_deadline()); }, flow.on_exception(Step::lookup));
    return outcomes::of_lookup(value, judge, flow);
  }

  bool gives_way(const EventDraft& current, const CreateEventDraft& command) const noexcept {
    return options_.in_progress == InProgressPolicy::replace_if_different && steps::differs(current, command);
  }

  static Result<Receipt> in_progress(const EventDraft& draft, const CreateEventDraft& command, Flow& flow) noexcept {
    return receipt(draft, Origin::in_progress, steps::differs(draft, command), EventDelivery::none, flow);
  }

  // Made where it is returned: copying drafts is what a hit costs.
  static Result<Receipt> receipt(const EventDraft& draft, Origin origin, bool differs, EventDelivery event,
                                 const Flow& flow) noexcept {
    return Result<Receipt>{
        boost::outcome_v2::in_place_type<Receipt>, draft, origin, differs, event, flow.degraded(), flow.durations()};
  }

  Result<NewEventDraft> validate(const CreateEventDraft& command, UserId user, Flow& flow) noexcept {
    auto draft = steps::validate(command, user, clock_.now());
    if (draft) draft.assume_value().event_lease = event_lease();
    outcomes::of_validation(draft, flow);
    return draft;
  }

  /// The repository names the window's holder; the cache may have named none, or an older one. A holder that gives way is
  /// replaced, once: a request that was faster in between keeps the window.
  Result<SavedDraft> save(NewEventDraft& draft, const CreateEventDraft& command, Flow& flow) noexcept {
    bool in_doubt = false;
    auto saved = save_surely(draft, in_doubt, flow);
    if (saved && !saved.assume_value().inserted && gives_way(saved.assume_value().draft, command)) {
      draft.replaces = saved.assume_value().draft.id;
      saved = save_surely(draft, in_doubt, flow);
    }
    return saved;
  }

  /// A save that may have been applied is tried once more: the claim lets no second draft arise.
  Result<SavedDraft> save_surely(const NewEventDraft& draft, bool& in_doubt, Flow& flow) noexcept {
    auto saved = save_once(draft, in_doubt, flow);
    if (saved || !in_doubt || !flow.has_time()) return saved;
    return save_once(draft, in_doubt, flow);
  }

  /// `in_doubt`: an earlier try may have stored the draft, or may yet do so. That stays so whatever this one's answer is.
  Result<SavedDraft> save_once(const NewEventDraft& draft, bool& in_doubt, Flow& flow) noexcept {
    auto saved = call_port([&] { return repository_.save(draft, flow.deadline()); }, flow.on_exception(Step::save));
    outcomes::of_save(saved, draft, flow);
    if (in_doubt) outcomes::of_second_save(saved, draft);
    in_doubt = in_doubt || (!saved && saved.assume_error().certainty != Certainty::not_applied);
    return saved;
  }

  /// The event is kept from the relay for as long as this request may still publish it, and as much again; at most 2 minutes.
  [[nodiscard]] std::chrono::milliseconds event_lease() const noexcept {
    return 2 * std::min<std::chrono::milliseconds>(options_.budget.request, std::chrono::minutes{1});
  }

  /// An approval that may have been applied is tried once more: it can't be there twice.
  Result<ApprovedDraft> approve_surely(const DraftApproval& approval, Flow& flow) noexcept {
    auto approved = approve_once(approval, flow);
    if (approved || approved.assume_error().certainty == Certainty::not_applied || !flow.has_time()) return approved;
    approved = approve_once(approval, flow);
    outcomes::of_second_approval(approved);
    return approved;
  }

  Result<ApprovedDraft> approve_once(const DraftApproval& approval, Flow& flow) noexcept {
    const auto approved =
        call_port([&] { return repository_.approve(approval, flow.deadline()); }, flow.on_exception(Step::approve));
    return outcomes::of_approval(approved, approval, flow);
  }

  static Result<ApprovalReceipt> approval_receipt(const EventDraft& draft, EventDelivery event, Flow& flow) noexcept {
    const auto approval = event == EventDelivery::none ? Approval::already_approved : Approval::approved;
    return ApprovalReceipt{draft, approval, event, flow.degraded(), flow.durations()};
  }

  void cache_both(const EventDraft& draft, Flow& flow) noexcept {
    const steps::CacheWrites writes{draft};
    set(writes.both(), draft, flow);
  }

  void cache_found(const EventDraft& draft, Flow& flow) noexcept {
    const steps::CacheWrites writes{draft};
    set(std::array{writes.found()}, draft, flow);
  }

  void set(std::span<const CacheWrite> writes, const EventDraft& draft, Flow& flow) noexcept {
    const auto written =
        call_port([&] { return cache_.set(writes, flow.cache_deadline()); }, flow.on_exception(Step::cache));
    outcomes::of_caching(written, draft, flow);
  }

  /// Publishes an event that is stored, and tells the outbox what became of it. What is not acknowledged now is the relay's.
  EventDelivery announce(const DraftEvent& event, [[maybe_unused]] const std::optional<LeaseToken>& lease,
                         Flow& flow) noexcept {
    const DraftId& id = event.id.draft_id;
    if constexpr (has_outbox) {
      if (!lease) return outcomes::of_leaving(id, flow);
      const auto published = publish(event, flow);
      repository_.settle_later(steps::settlement({event.id, *lease}, published));
      return outcomes::of_publishing(published, id, EventDelivery::pending, flow);
    } else {
      return outcomes::of_publishing(publish(event, flow), id, EventDelivery::lost, flow);
    }
  }

  Result<void> publish(const DraftEvent& event, Flow& flow) noexcept {
    const EventMessage message{event, options_.event_source};
    const Deadline deadline = has_outbox ? flow.relayed_publish_deadline() : flow.publish_deadline();
    return call_port([&] { return publisher_.publish(message, deadline); }, flow.on_exception(Step::publish));
  }

  Result<EventDraft> load(const DraftId& id, UserId user, Flow& flow) noexcept {
    const auto loaded = call_port([&] { return repository_.find(id, flow.deadline()); }, flow.on_exception(Step::load));
    return outcomes::of_load(loaded, id, user, flow);
  }

  static Result<FoundDraft> found(const EventDraft& draft, bool from_cache, Flow& flow) noexcept {
    return Result<FoundDraft>{boost::outcome_v2::in_place_type<FoundDraft>, draft, from_cache, flow.degraded(),
                              flow.durations()};
  }

  Repo& repository_;
  Cache& cache_;
  Publisher& publisher_;
  Options options_;
  ClockPort& clock_;
  ObserverPort& observer_;
};

}  // namespace event_draft
