#pragma once

#include <event_draft/async_ports.hpp>
#include <event_draft/task.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "../async/promise.hpp"
#include "async_session.hpp"
#include "config.hpp"
#include "postgres_draft_repository.hpp"

namespace event_draft::postgres {

/// `PostgresDraftRepository` on an event loop, for its thread alone: the same tables, statements and errors. Saves that wait at
/// the same time go to the database together, in one transaction; each has its own answer. What nobody waits for any longer is
/// not sent.
///
/// What is settled later, and the schema, are the blocking repository's, which the relay uses on a thread of its own.
/// `Config::connections` are of each loop: two are enough, one that waits for the disk and one for what comes meanwhile.
class AsyncPostgresDraftRepository {
 public:
  /// Of the coroutines that await it.
  template <class T>
  using Coroutine = Task<T>;

  /// How many calls may wait at a time; one more fails at once.
  static constexpr std::size_t most_waiting = 10'000;

  AsyncPostgresDraftRepository(adapters::Loop& loop, const Config& config, PostgresDraftRepository& outbox);
  AsyncPostgresDraftRepository(const AsyncPostgresDraftRepository&) = delete;
  AsyncPostgresDraftRepository& operator=(const AsyncPostgresDraftRepository&) = delete;
  /// Nothing is reported any more, though connections end in the loop's own time.
  ~AsyncPostgresDraftRepository();

  [[nodiscard]] adapters::Future<SavedDraft> save(const NewEventDraft& draft, Deadline deadline);
  [[nodiscard]] Task<Result<std::optional<EventDraft>>> find(DraftId id, Deadline deadline);
  [[nodiscard]] Task<Result<std::optional<ApprovedDraft>>> approve(DraftApproval approval, Deadline deadline);
  void settle_later(const Settlement& settlement) noexcept { outbox_.settle_later(settlement); }

  /// Whether the tables can be read now, on a server that can be written to.
  [[nodiscard]] Task<Result<void>> ready(Deadline deadline);
  /// How many connections there are now.
  [[nodiscard]] std::size_t connections() const noexcept { return session_.connections(); }
  /// How many transactions it has sent, for metrics.
  [[nodiscard]] std::size_t transactions() const noexcept;

 private:
  class Calls;
  class RowsJob;
  using Send = std::function<Result<void>(Connection&, Deadline)>;

  /// No rows, and a status of failure: it did nothing because of another transaction, and there is time to try again.
  adapters::Future<Rows> run(Send send, Deadline deadline, bool is_read = true);

  adapters::Loop& loop_;
  PostgresDraftRepository& outbox_;
  std::shared_ptr<Calls> calls_;
  AsyncSession session_;
};

static_assert(AsyncDraftRepository<AsyncPostgresDraftRepository> &&
              AsyncApprovingRepository<AsyncPostgresDraftRepository> &&
              AsyncOutboxRepository<AsyncPostgresDraftRepository>);

}  // namespace event_draft::postgres
