#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <event_draft/awaitable.hpp>
#include <event_draft/deadline.hpp>
#include <event_draft/event_draft.hpp>
#include <event_draft/event_message.hpp>
#include <event_draft/ports.hpp>
#include <event_draft/result.hpp>
#include <event_draft/settlement.hpp>

// The ports as coroutines: the same calls with the same meaning, each of which gives something to await, once, that can be moved. What a call is
// given lives until it has been awaited. A call may begin its work at once or when it is awaited; calls that begin at once overlap
// where the service allows it. Ports are called from wherever the service's own coroutines run.
namespace event_draft {

/// `DraftRepository`, awaited.
/// Satisfied by `testing::AsyncPort` over any repository.
template <class T>
concept AsyncDraftRepository =
    requires(T& repository, const NewEventDraft& new_draft, const DraftId& id, const Deadline& deadline) {
      { repository.save(new_draft, deadline) } -> AwaitableOf<Result<SavedDraft>>;
      { repository.find(id, deadline) } -> AwaitableOf<Result<std::optional<EventDraft>>>;
    };

/// `ApprovingRepository`, awaited.
/// Satisfied by `testing::AsyncPort` over any repository that approves.
template <class T>
concept AsyncApprovingRepository = requires(T& repository, const DraftApproval& approval, const Deadline& deadline) {
  { repository.approve(approval, deadline) } -> AwaitableOf<Result<std::optional<ApprovedDraft>>>;
};

/// A repository that stores events with their drafts. `settle_later` is `EventOutbox`'s: it waits for nothing. The relay
/// that claims and settles runs where it may block, over a blocking adapter of the same outbox.
/// Satisfied by `testing::AsyncPort` over any repository with an outbox.
template <class T>
concept AsyncOutboxRepository = requires(T& repository, const Settlement& settlement) {
  { repository.settle_later(settlement) } noexcept -> std::same_as<void>;
};

/// `DraftCache`, awaited.
/// Satisfied by `testing::AsyncPort` over any cache.
template <class T>
concept AsyncDraftCache =
    requires(T& cache, std::string_view key, std::span<const CacheWrite> writes, const Deadline& deadline) {
      { cache.get(key, deadline) } -> AwaitableOf<Result<std::optional<std::string>>>;
      { cache.set(writes, deadline) } -> AwaitableOf<Result<void>>;
    };

/// `EventPublisher`, awaited.
/// Satisfied by `testing::AsyncPort` over any publisher.
template <class T>
concept AsyncEventPublisher = requires(T& publisher, const EventMessage& message, const Deadline& deadline) {
  { publisher.publish(message, deadline) } -> AwaitableOf<Result<void>>;
};

namespace detail {

template <class Repo, class T>
struct OperationCoroutine
    : RebindCoroutine<
          decltype(std::declval<Repo&>().save(std::declval<const NewEventDraft&>(), std::declval<Deadline>())), T> {};

template <class Repo, class T>
  requires requires { typename Repo::template Coroutine<T>; }
struct OperationCoroutine<Repo, T> {
  using type = typename Repo::template Coroutine<T>;
};

}  // namespace detail

/// The coroutine of a service's operation over this repository: the one that the repository names, `Repo::Coroutine<T>`, or
/// else what its `save` gives, rebound.
template <class Repo, class T>
using CoroutineOf = typename detail::OperationCoroutine<Repo, T>::type;

}  // namespace event_draft
