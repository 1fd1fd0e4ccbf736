#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <event_draft/outbox.hpp>
#include <event_draft/ports.hpp>
#include <event_draft/settlement_queue.hpp>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "config.hpp"
#include "lease_tokens.hpp"
#include "open_error.hpp"
#include "session.hpp"

namespace event_draft::postgres {

/// Drafts and their events in a PostgreSQL database, of any number of processes. Draft ids are `draft-1`, `draft-2`, … with
/// gaps; none is given twice by one database, but one that is restored from a backup gives again those that came after.
///
/// Errors: `deadline_exceeded` when the server or a connection was not to be had in time, `storage_unavailable` for a server that
/// can't be reached or refuses, `internal_error` for what its schema refuses, `corrupt_draft` from `find` and `approve` for a row
/// that breaks the domain's rules. What the server has refused was not applied; what it did not answer is `unknown`.
/// docs/postgres.md has the table.
///
/// One bad row keeps nothing else from going on. A claim on a user's window whose draft is missing or corrupt holds
/// nothing: the next save takes it over. An event that can't be told is parked, and its draft's later events wait.
class PostgresDraftRepository {
 public:
  /// Connects, and makes or updates the schema. Throws `OpenError`: not reachable, of a newer version, no right to change it.
  explicit PostgresDraftRepository(Config config) : session_{std::move(config)} {}

  /// One round trip; two for who is beaten by another save of the same user at the same moment.
  [[nodiscard]] Result<SavedDraft> save(const NewEventDraft& draft, Deadline deadline);
  [[nodiscard]] Result<std::optional<EventDraft>> find(const DraftId& id, Deadline deadline);
  [[nodiscard]] Result<std::optional<ApprovedDraft>> approve(const DraftApproval& approval, Deadline deadline);

  /// Whether the tables can be read now, on a server that can be written to.
  [[nodiscard]] Result<void> ready(Deadline deadline);

  /// How many connections there are now.
  [[nodiscard]] std::size_t connections() const { return session_.connections(); }

  // The outbox; its part of the source is postgres_outbox.cpp.
  void settle_later(const Settlement& settlement) noexcept { later_.push(settlement); }
  [[nodiscard]] Result<std::vector<LeasedEvent>> claim(std::size_t limit, std::chrono::milliseconds time,
                                                       Deadline deadline);
  [[nodiscard]] Result<void> settle(std::span<const Settlement> settlements, Deadline deadline);
  [[nodiscard]] Result<std::size_t> remove_published(std::chrono::milliseconds age, std::size_t limit,
                                                     Deadline deadline);
  [[nodiscard]] Result<OutboxStats> stats(Deadline deadline);
  /// In the order of the drafts' numbers.
  [[nodiscard]] Result<std::vector<ParkedEvent>> parked(const std::optional<EventId>& after, std::size_t limit,
                                                        Deadline deadline);
  [[nodiscard]] Result<bool> replay(const EventId& id, Deadline deadline);
  [[nodiscard]] Result<bool> discard(const EventId& id, Deadline deadline);

 private:
  /// nullopt: another save of this user was quicker
  Result<std::optional<SavedDraft>> try_save(const NewEventDraft& draft, std::optional<std::int64_t>& passes_on,
                                             Deadline deadline);
  /// nullopt: somebody else has approved it in the meantime
  Result<std::optional<ApprovedDraft>> approve_now(const EventDraft& draft, const DraftApproval& approval,
                                                   Deadline deadline);
  Result<void> park(Value draft, Value type, Deadline deadline);
  Result<void> write(std::span<const Settlement> settlements, Deadline deadline);

  Session session_;
  LeaseTokens new_token_;
  SettlementQueue later_;
};

static_assert(DraftRepository<PostgresDraftRepository> && ApprovingRepository<PostgresDraftRepository>);
static_assert(EventOutbox<PostgresDraftRepository> && OutboxUpkeep<PostgresDraftRepository> &&
              OutboxAdministration<PostgresDraftRepository>);

}  // namespace event_draft::postgres
