#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <event_draft/async_ports.hpp>
#include <event_draft/awaitable.hpp>
#include <event_draft/check_async_port.hpp>
#include <event_draft/flow.hpp>
#include <event_draft/pending_call.hpp>

namespace event_draft {

/// `EventDraftService` over ports that are awaited: the same steps, calls and receipts, on the host's own event loop.
///
/// Its operations are coroutines of the host's type: the one that the repository's calls give, rebound (see
/// `RebindCoroutine`), or `Repo::Coroutine<T>` where the repository has such a template. What they are given, and the service
/// itself, must live until they have ended. Their time begins when they begin to run. They throw `std::bad_alloc` where a
/// coroutine's frame can't be had, and what the host's coroutine type throws into them when it cancels.
///
/// Ended by such an exception or by the end of its frame, an operation is as one whose process died at that call; by an
/// exception out of a port's call, as one whose port failed. A draft that was stored stays, and its event is the relay's.
template <class Repo, class Cache, class Publisher, class ClockPort = const SystemClock,
          class ObserverPort = const NoObserver>
class AsyncEventDraftService {
  static_assert(check_async_port<Repo, Port::repository>());
  static_assert(check_async_port<Cache, Port::cache>());
  static_assert(check_async_port<Publisher, Port::publisher>());
  static_assert(check_port<ClockPort, Port::clock>());
  static_assert(check_port<ObserverPort, Port::observer>());

 public:
  template <class T>
  using Coroutine = CoroutineOf<Repo, T>;

  /// Over a repository with an outbox: every stored event is delivered, by this service or by the relay.
  AsyncEventDraftService(Repo& repository, Cache& cache, Publisher& publisher, Options options = {},
                         ClockPort& clock = system_clock, ObserverPort& observer = no_observer) noexcept
      : AsyncEventDraftService{accept_event_loss, repository, cache, publisher, std::move(options), clock, observer} {
    static_assert(
        has_outbox,
        "this repository has no outbox, so events can be lost: give it one (check_async_port<Repo, Port::outbox>() "
        "lists what it lacks), or accept that: AsyncEventDraftService{accept_event_loss, repository, cache, "
        "publisher}");
  }

  /// Over any repository. Without an outbox an event is lost when its publish fails or the process dies before it.
  AsyncEventDraftService(AcceptEventLoss, Repo& repository, Cache& cache, Publisher& publisher, Options options = {},
                         ClockPort& clock = system_clock, ObserverPort& observer = no_observer) noexcept
      : repository_{repository},
        cache_{cache},
        publisher_{publisher},
        options_{std::move(options)},
        clock_{clock},
        observer_{observer} {}

  /// `EventDraftService::create_event_draft`.
  [[nodiscard]] Coroutine<Result<Receipt>> create_event_draft(CreateEventDraft command) {
    auto flow = begin(Operation::create, command.user_id);
    BOOST_OUTCOME_CO_TRY(const auto user, flow.identify(command.user_id));
    // The numbers are the diagram's.
    // clang-format off
    const auto looked = co_await look_up(cache_key(user), flow, flow.judge_in_progress(user)); // 1
    const auto& current = looked.draft;
    if (current && !flow.gives_way(*current, command)) co_return flow.in_progress(*current, command);
    BOOST_OUTCOME_CO_TRY(auto new_draft, flow.validate(command, user));                        // 2
    if (current) new_draft.replaces = current->id;
    BOOST_OUTCOME_CO_TRY(const auto saved, co_await save(new_draft, command, flow));           // 3
    if (!saved.inserted) co_return flow.in_progress(saved.draft, command);
    const auto created = draft_created(saved.draft, new_draft.trace);
    const auto event = co_await cache_and_announce(saved.draft, created, saved.lease, flow);   // 4, 5
    co_return flow.created(saved.draft, event);                                                // 6
    // clang-format on
  }

  /// `EventDraftService::find_event_draft`.
  [[nodiscard]] Coroutine<Result<FoundDraft>> find_event_draft(DraftId id, std::int64_t user_id) {
    auto flow = begin(Operation::find, user_id);
    BOOST_OUTCOME_CO_TRY(const auto user, flow.identify(user_id));
    const auto judge = [&](std::string_view value) { return steps::judge_cached(value, id, user); };
    const auto cached = co_await look_up(cache_key(id), flow, judge);
    if (cached.draft) co_return flow.found(*cached.draft, true);
    BOOST_OUTCOME_CO_TRY(const auto draft, co_await load(id, user, flow));
    co_await cache_found(draft, flow);
    co_return flow.found(draft, false);
  }

  /// `EventDraftService::approve_event_draft`.
  [[nodiscard]] Coroutine<Result<ApprovalReceipt>> approve_event_draft(DraftId id, std::int64_t user_id,
                                                                       std::string_view traceparent = {}) {
    static_assert(check_async_port<Repo, Port::approval>());
    auto flow = begin(Operation::approve, user_id);
    BOOST_OUTCOME_CO_TRY(const auto user, flow.identify(user_id));
    const DraftApproval approval = flow.approval(id, user, traceparent);
    BOOST_OUTCOME_CO_TRY(const auto approved, co_await approve(approval, flow));
    if (!approved.approved_now) {
      co_await cache_both(approved.draft, flow);
      co_return flow.approved(approved.draft, EventDelivery::none);
    }
    const auto created = draft_approved(approved.draft, approval.approved_at, approval.trace);
    const auto event = co_await cache_and_announce(approved.draft, created, approved.lease, flow);
    co_return flow.approved(approved.draft, event);
  }

 private:
  using Flow = event_draft::Flow<ClockPort, ObserverPort>;
  static constexpr bool has_outbox = AsyncOutboxRepository<Repo>;

  Flow begin(Operation operation, std::int64_t user_id) const noexcept {
    return {operation, user_id, options_, clock_, observer_};
  }

  template <class Judge>
  Coroutine<steps::Looked> look_up(CacheKey key, Flow& flow, Judge judge) {
    Result<std::optional<std::string>> value = Errc::internal_error;
    try {
      value = co_await cache_.get(key.view(), flow.cache_deadline());
    } catch (...) {
      value = of_current_exception(flow.on_exception(Step::lookup));
    }
    co_return outcomes::of_lookup(value, judge, flow);
  }

  Coroutine<Result<SavedDraft>> save(NewEventDraft& draft, const CreateEventDraft& command, Flow& flow) {
    auto tries = flow.save_tries(draft, command);
    for (Result<SavedDraft> saved = Errc::internal_error;;) {
      try {
        saved = co_await repository_.save(draft, flow.deadline());
      } catch (...) {
        saved = of_current_exception(flow.on_exception(Step::save));
      }
      if (!tries.again(saved, flow)) co_return saved;
    }
  }

  Coroutine<Result<ApprovedDraft>> approve(const DraftApproval& approval, Flow& flow) {
    ApprovalTries tries{approval};
    Result<ApprovedDraft> approved = Errc::internal_error;
    for (Result<std::optional<ApprovedDraft>> answer = Errc::internal_error;;) {
      try {
        answer = co_await repository_.approve(approval, flow.deadline());
      } catch (...) {
        answer = of_current_exception(flow.on_exception(Step::approve));
      }
      if (!tries.again(answer, approved, flow)) co_return approved;
    }
  }

  Coroutine<Result<EventDraft>> load(const DraftId& id, UserId user, Flow& flow) {
    Result<std::optional<EventDraft>> loaded = Errc::internal_error;
    try {
      loaded = co_await repository_.find(id, flow.deadline());
    } catch (...) {
      loaded = of_current_exception(flow.on_exception(Step::load));
    }
    co_return outcomes::of_load(loaded, id, user, flow);
  }

  Coroutine<void> cache_both(const EventDraft& draft, Flow& flow) {
    const steps::CacheWrites writes{draft};
    const auto both = writes.both();
    co_await write(both, draft, flow);
  }

  Coroutine<void> cache_found(const EventDraft& draft, Flow& flow) {
    const steps::CacheWrites writes{draft};
    const std::array found{writes.found()};
    co_await write(found, draft, flow);
  }

  Coroutine<void> write(std::span<const CacheWrite> writes, const EventDraft& draft, Flow& flow) {
    Result<void> written = Errc::internal_error;
    try {
      written = co_await cache_.set(writes, flow.cache_deadline());
    } catch (...) {
      written = of_current_exception(flow.on_exception(Step::cache));
    }
    outcomes::of_caching(written, draft, flow);
  }

  /// Steps 4 and 5: at the same time, or one after the other.
  Coroutine<EventDelivery> cache_and_announce(const EventDraft& draft, const DraftEvent& event,
                                              const std::optional<LeaseToken>& lease, Flow& flow) {
    if (has_outbox && !lease) {
      co_await cache_both(draft, flow);
      co_return outcomes::of_leaving(draft.id, flow);
    }
    const steps::CacheWrites writes{draft};
    const auto both = writes.both();
    const std::span<const CacheWrite> both_writes{both};
    const EventMessage message{event, options_.event_source};
    const Deadline cache_deadline = flow.cache_deadline();
    Deadline publish_deadline = publish_deadline_now(flow);
    PendingCall writing{[&] { return cache_.set(both_writes, cache_deadline); }};
    PendingCall publishing{[&] { return publisher_.publish(message, publish_deadline); }};

    writing.make(flow.on_exception(Step::cache));
    if (options_.publish_order == PublishOrder::with_cache) publishing.make(flow.on_exception(Step::publish));
    Result<void> written = writing.error();
    try {
      if (writing.is_under_way()) written = co_await writing.awaitable();
    } catch (...) {
      written = of_current_exception(flow.on_exception(Step::cache));
    }
    outcomes::of_caching(written, draft, flow);

    if (options_.publish_order == PublishOrder::after_cache) publish_deadline = publish_deadline_now(flow);
    publishing.make(flow.on_exception(Step::publish));
    Result<void> published = publishing.error();
    try {
      if (publishing.is_under_way()) published = co_await publishing.awaitable();
    } catch (...) {
      published = of_current_exception(flow.on_exception(Step::publish));
    }
    if constexpr (has_outbox) repository_.settle_later(steps::settlement({event.id, *lease}, published));
    constexpr auto unless = has_outbox ? EventDelivery::pending : EventDelivery::lost;
    co_return outcomes::of_publishing(published, draft.id, unless, flow);
  }

  static Deadline publish_deadline_now(const Flow& flow) noexcept {
    return has_outbox ? flow.relayed_publish_deadline() : flow.publish_deadline();
  }

  Repo& repository_;
  Cache& cache_;
  Publisher& publisher_;
  Options options_;
  ClockPort& clock_;
  ObserverPort& observer_;
};

}  // namespace event_draft
