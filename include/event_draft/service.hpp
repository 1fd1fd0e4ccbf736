#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include <event_draft/check_port.hpp>
#include <event_draft/clock.hpp>
#include <event_draft/create_event_draft.hpp>
#include <event_draft/flow.hpp>
#include <event_draft/observer.hpp>
#include <event_draft/options.hpp>
#include <event_draft/outbox.hpp>
#include <event_draft/outcomes.hpp>
#include <event_draft/port_call.hpp>
#include <event_draft/ports.hpp>
#include <event_draft/receipt.hpp>
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
    auto flow = begin(Operation::create, command.user_id);
    BOOST_OUTCOME_TRY(const auto user, flow.identify(command.user_id));
    // The numbers are the diagram's.
    // clang-format off
    const auto looked = look_up(cache_key(user), flow, flow.judge_in_progress(user)); // 1
    const auto& current = looked.draft;
    if (current && !flow.gives_way(*current, command)) return flow.in_progress(*current, command);
    BOOST_OUTCOME_TRY(auto&& new_draft, flow.validate(command, user));                // 2
    if (current) new_draft.replaces = current->id;
    BOOST_OUTCOME_TRY(const auto saved, save(new_draft, command, flow));              // 3
    if (!saved.inserted) return flow.in_progress(saved.draft, command);
    cache_both(saved.draft, flow);                                                    // 4
    const auto event = announce(draft_created(saved.draft, new_draft.trace), saved.lease, flow); // 5
    return flow.created(saved.draft, event);                                          // 6
    // clang-format on
  }

  /// Reads a draft for its owner (the cache strategy's note). For anyone else it is `draft_not_found`; further failures are
  /// `invalid_user`, `storage_unavailable` and `corrupt_draft`.
  [[nodiscard]] Result<FoundDraft> find_event_draft(const DraftId& id, std::int64_t user_id) noexcept {
    auto flow = begin(Operation::find, user_id);
    BOOST_OUTCOME_TRY(const auto user, flow.identify(user_id));
    const auto judge = [&](std::string_view value) { return steps::judge_cached(value, id, user); };
    if (const auto cached = look_up(cache_key(id), flow, judge); cached.draft) return flow.found(*cached.draft, true);
    BOOST_OUTCOME_TRY(const auto draft, load(id, user, flow));
    cache_found(draft, flow);
    return flow.found(draft, false);
  }

  /// The final approval of a draft by its owner: DRAFT becomes APPROVED, the user's window ends, and `EventCreated` follows
  /// the draft's `EventDraftCreated`. A draft that is approved already is told as such: there is one approval and one event.
  /// `traceparent` is the request's. Fails with `invalid_user`, `draft_not_found` (for anyone but the owner), or with
  /// `storage_unavailable` or `corrupt_draft`, whose certainty says whether the approval may be there nevertheless.
  [[nodiscard]] Result<ApprovalReceipt> approve_event_draft(const DraftId& id, std::int64_t user_id,
                                                            std::string_view traceparent = {}) noexcept {
    static_assert(check_port<Repo, Port::approval>());
    auto flow = begin(Operation::approve, user_id);
    BOOST_OUTCOME_TRY(const auto user, flow.identify(user_id));
    const DraftApproval approval = flow.approval(id, user, traceparent);
    BOOST_OUTCOME_TRY(const auto approved, approve(approval, flow));
    cache_both(approved.draft, flow);
    if (!approved.approved_now) return flow.approved(approved.draft, EventDelivery::none);
    const auto event = draft_approved(approved.draft, approval.approved_at, approval.trace);
    return flow.approved(approved.draft, announce(event, approved.lease, flow));
  }

 private:
  using Flow = event_draft::Flow<ClockPort, ObserverPort>;
  static constexpr bool has_outbox = EventOutbox<Repo>;

  Flow begin(Operation operation, std::int64_t user_id) const noexcept {
    return {operation, user_id, options_, clock_, observer_};
  }

  template <class Judge>
  steps::Looked look_up(const CacheKey& key, Flow& flow, Judge judge) noexcept {
    const auto value =
        call_port([&] { return cache_.get(key.view(), flow.cache_deadline()); }, flow.on_exception(Step::lookup));
    return outcomes::of_lookup(value, judge, flow);
  }

  Result<SavedDraft> save(NewEventDraft& draft, const CreateEventDraft& command, Flow& flow) noexcept {
    auto tries = flow.save_tries(draft, command);
    for (;;) {
      auto saved = call_port([&] { return repository_.save(draft, flow.deadline()); }, flow.on_exception(Step::save));
      if (!tries.again(saved, flow)) return saved;
    }
  }

  Result<ApprovedDraft> approve(const DraftApproval& approval, Flow& flow) noexcept {
    ApprovalTries tries{approval};
    for (Result<ApprovedDraft> approved = Errc::storage_unavailable;;) {
      const auto answer =
          call_port([&] { return repository_.approve(approval, flow.deadline()); }, flow.on_exception(Step::approve));
      if (!tries.again(answer, approved, flow)) return approved;
    }
  }

  Result<EventDraft> load(const DraftId& id, UserId user, Flow& flow) noexcept {
    const auto loaded = call_port([&] { return repository_.find(id, flow.deadline()); }, flow.on_exception(Step::load));
    return outcomes::of_load(loaded, id, user, flow);
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
      const auto published = publish(event, flow.relayed_publish_deadline(), flow);
      repository_.settle_later(steps::settlement({event.id, *lease}, published));
      return outcomes::of_publishing(published, id, EventDelivery::pending, flow);
    } else {
      return outcomes::of_publishing(publish(event, flow.publish_deadline(), flow), id, EventDelivery::lost, flow);
    }
  }

  Result<void> publish(const DraftEvent& event, Deadline deadline, Flow& flow) noexcept {
    const EventMessage message{event, options_.event_source};
    return call_port([&] { return publisher_.publish(message, deadline); }, flow.on_exception(Step::publish));
  }

  Repo& repository_;
  Cache& cache_;
  Publisher& publisher_;
  Options options_;
  ClockPort& clock_;
  ObserverPort& observer_;
};

}  // namespace event_draft
