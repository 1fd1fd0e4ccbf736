#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <event_draft/outbox.hpp>
#include <event_draft/ports.hpp>
#include <event_draft/settlement_queue.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config.hpp"
#include "connection.hpp"
#include "drafts.hpp"
#include "lease_tokens.hpp"
#include "open_error.hpp"
#include "prepared.hpp"

namespace event_draft::sqlite {

/// Drafts and their events in an SQLite database of one process: write-ahead log, each transaction synced to the disk
/// before it is acknowledged. Draft ids are `draft-1`, `draft-2`, … and are never given twice by one database; one that is
/// lost, or restored from a backup, gives again those that came after.
///
/// Errors: `deadline_exceeded` when the database is busy for too long, `storage_unavailable` (a full or failing disk; a
/// database that was moved, replaced or deleted under the program, until it is restarted), `corrupt_draft` from `find` and
/// `approve` for a row that breaks the domain's rules. Only a COMMIT that breaks off leaves the effect `unknown`: the log
/// may hold it or not. Waiting is bounded by the deadline, a disk that hangs is not.
///
/// One bad row keeps nothing else from going on. A claim on a user's window whose draft is missing or corrupt holds
/// nothing: the next save takes it over. An event that can't be told is parked, and its draft's later events wait.
class SqliteDraftRepository {
 public:
  /// Opens the database, looks for damage (for 250 ms, so not in all of a large one) and makes or updates its schema.
  /// Throws `OpenError`: not writable, damaged, another application's, of a newer version, in use by another process.
  explicit SqliteDraftRepository(Config config);

  [[nodiscard]] Result<SavedDraft> save(const NewEventDraft& draft, Deadline deadline);
  [[nodiscard]] Result<std::optional<EventDraft>> find(const DraftId& id, Deadline deadline);
  [[nodiscard]] Result<std::optional<ApprovedDraft>> approve(const DraftApproval& approval, Deadline deadline);

  /// Whether the database is where it was opened, and can be read now.
  [[nodiscard]] Result<void> ready(Deadline deadline);

  // The outbox; its part of the source is sqlite_outbox.cpp.
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

  /// For who makes the calls of many in one transaction.
  [[nodiscard]] Connection& connection() noexcept { return connection_; }
  [[nodiscard]] Drafts& drafts() noexcept { return drafts_; }

 private:
  /// A row of the outbox that can't be told.
  struct CorruptEvent {
    std::int64_t draft;
    std::string type;
  };
  /// What is due, not yet claimed.
  struct DueEvents {
    std::vector<LeasedEvent> whole;
    std::vector<CorruptEvent> corrupt;
  };

  Result<DueEvents> due(std::int64_t now, std::size_t limit);
  Result<void> lease(LeasedEvent& event, std::int64_t until);
  Result<void> park(const CorruptEvent& event, std::int64_t now);
  Result<void> apply(const Settlement& settlement, std::int64_t now);
  Result<void> release_after(std::int64_t draft, EventType type, std::int64_t now);

  Connection connection_;
  Prepared prepared_{connection_.get()};
  LeaseTokens new_token_;  // inside of a transaction alone
  Drafts drafts_{connection_, prepared_, new_token_};
  SettlementQueue later_;
};

static_assert(DraftRepository<SqliteDraftRepository> && ApprovingRepository<SqliteDraftRepository>);
static_assert(EventOutbox<SqliteDraftRepository> && OutboxUpkeep<SqliteDraftRepository> &&
              OutboxAdministration<SqliteDraftRepository>);

}  // namespace event_draft::sqlite
