#pragma once

#include <chrono>
#include <concepts>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <event_draft/deadline.hpp>
#include <event_draft/event_draft.hpp>
#include <event_draft/event_message.hpp>
#include <event_draft/result.hpp>

// What the host binds. Every call takes the moment by which it must have returned, and says in its error whether the
// effect is there (`Certainty`). Ports are called from as many threads as call the service.
namespace event_draft {

/// One value for the cache; both views live as long as the call.
struct CacheWrite {
  std::string_view key;
  std::string_view value;
  std::chrono::seconds time_to_live;
};

/// Stores drafts, and decides which draft is a user's draft in progress (step 3).
/// - `save` stores the draft and claims the user's window in one transaction; when the window is held already, and not by
///   the draft that this one replaces, nothing is stored and the holder comes back.
/// - `find` gives the draft, or nullopt when there is none.
/// Satisfied by `testing::FakeDraftRepository`, and by the SQLite and PostgreSQL adapters of the examples.
template <class T>
concept DraftRepository =
    requires(T& repository, const NewEventDraft& new_draft, const DraftId& id, const Deadline& deadline) {
      { repository.save(new_draft, deadline) } -> std::same_as<Result<SavedDraft>>;
      { repository.find(id, deadline) } -> std::same_as<Result<std::optional<EventDraft>>>;
    };

/// A repository whose drafts can be approved. It is asked of those hosts alone that call `approve_event_draft`.
/// - `approve` makes the owner's DRAFT an APPROVED one and ends the window that it holds, in one transaction; a draft that is
///   approved already comes back as it is. nullopt: no such draft of this user.
/// Satisfied by `testing::FakeDraftRepository`, and by the SQLite and PostgreSQL adapters of the examples.
template <class T>
concept ApprovingRepository = requires(T& repository, const DraftApproval& approval, const Deadline& deadline) {
  { repository.approve(approval, deadline) } -> std::same_as<Result<std::optional<ApprovedDraft>>>;
};

/// Keeps values for a while (steps 1 and 4). It may forget at any time and is never believed unchecked.
/// - `get` gives the value, or nullopt on a miss.
/// - `set` writes all values of one step, so that an adapter can do it in one round trip. After a failure any part of them
///   may be there.
/// Satisfied by `testing::FakeDraftCache`, and by the in-process and Redis caches of the examples.
template <class T>
concept DraftCache =
    requires(T& cache, std::string_view key, std::span<const CacheWrite> writes, const Deadline& deadline) {
      { cache.get(key, deadline) } -> std::same_as<Result<std::optional<std::string>>>;
      { cache.set(writes, deadline) } -> std::same_as<Result<void>>;
    };

/// Hands events to the broker (step 5). Success means acknowledged, never merely queued.
/// Satisfied by `testing::FakeEventPublisher`, and by the event log and the Kafka publisher of the examples.
template <class T>
concept EventPublisher = requires(T& publisher, const EventMessage& message, const Deadline& deadline) {
  { publisher.publish(message, deadline) } -> std::same_as<Result<void>>;
};

/// A publisher that can hand over many events and wait once. The relay uses it where it is there.
/// - `publish_all` writes each message's own result to the place of the same index; what it leaves alone counts as unknown.
/// Satisfied by the event log and the Kafka publisher of the examples.
template <class T>
concept BatchEventPublisher = EventPublisher<T> && requires(T& publisher, std::span<const EventMessage> messages,
                                                            std::span<Result<void>> results, const Deadline& deadline) {
  { publisher.publish_all(messages, results, deadline) } -> std::same_as<void>;
};

}  // namespace event_draft
