#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include <event_draft/deadline.hpp>
#include <event_draft/draft_event.hpp>
#include <event_draft/lease.hpp>
#include <event_draft/ports.hpp>
#include <event_draft/result.hpp>
#include <event_draft/settlement.hpp>

// The transactional outbox: events stored with what they tell of, and delivered at least once. It is a capability that a
// repository may have; its time is the database's.
namespace event_draft {

/// An event that is to be published by whoever claimed it.
struct LeasedEvent {
  DraftEvent event;
  LeaseToken token;
  int attempts;  ///< how often it was claimed, this time included

  [[nodiscard]] EventLease lease() const noexcept { return {event.id, token}; }
};

/// A repository whose `save` and `approve` store the event in the transaction that makes it true.
/// - `settle_later` remembers what became of a lease, waits for nothing and may forget: the request's own way to settle.
/// - `claim` leases up to `limit` events that are due, for `time`: not published, not parked, and no earlier event of the
///   same draft is unpublished. Each claim counts as an attempt. A row that breaks the domain's rules is parked, not given.
/// - `settle` writes what `settle_later` has left, and these; each only if its lease is still the latest.
/// Each process that has a service must call `settle`, as a relay does, more often than a request's lease ends (a second):
/// what it published is known to it alone until then, and is sent again by whoever claims it.
/// Satisfied by `testing::FakeDraftRepository`, and by the SQLite and PostgreSQL adapters of the examples.
template <class T>
concept EventOutbox = requires(T& outbox, const Settlement& settlement, std::span<const Settlement> settlements,
                               std::size_t limit, std::chrono::milliseconds time, const Deadline& deadline) {
  { outbox.settle_later(settlement) } noexcept -> std::same_as<void>;
  { outbox.claim(limit, time, deadline) } -> std::same_as<Result<std::vector<LeasedEvent>>>;
  { outbox.settle(settlements, deadline) } -> std::same_as<Result<void>>;
};

/// What an outbox holds. One that can't count cheaply may stop at some large number.
struct OutboxStats {
  std::size_t pending = 0;                     ///< neither published nor parked
  std::chrono::milliseconds oldest_pending{};  ///< how long ago the oldest of them occurred
  int most_attempts = 0;                       ///< of one pending event
  std::size_t parked = 0;

  friend bool operator==(const OutboxStats&, const OutboxStats&) noexcept = default;
};

/// What keeps an outbox small and watched.
/// - `remove_published` deletes up to `limit` events that were published longer than `age` ago, and says how many.
template <class T>
concept OutboxUpkeep = requires(T& outbox, std::chrono::milliseconds age, std::size_t limit, const Deadline& deadline) {
  { outbox.remove_published(age, limit, deadline) } -> std::same_as<Result<std::size_t>>;
  { outbox.stats(deadline) } -> std::same_as<Result<OutboxStats>>;
};

/// A parked event, as somebody who has to decide about it sees it.
struct ParkedEvent {
  EventId id;
  int attempts;
  Errc reason;
  Timestamp parked_at;

  friend bool operator==(const ParkedEvent&, const ParkedEvent&) noexcept = default;
};

/// What a person does about parked events.
/// - `parked` lists up to `limit` of them in an order that stays, from the first after `after`: page by page, each once.
/// - `replay` makes one due again, its attempts at 0; false when it is not parked.
/// - `discard` deletes one for good, which lets its draft's later events go on; false when it is not parked.
template <class T>
concept OutboxAdministration = requires(T& outbox, const std::optional<EventId>& after, std::size_t limit,
                                        const EventId& id, const Deadline& deadline) {
  { outbox.parked(after, limit, deadline) } -> std::same_as<Result<std::vector<ParkedEvent>>>;
  { outbox.replay(id, deadline) } -> std::same_as<Result<bool>>;
  { outbox.discard(id, deadline) } -> std::same_as<Result<bool>>;
};

}  // namespace event_draft
