#pragma once

#include <event_draft/async_ports.hpp>
#include <event_draft/task.hpp>
#include <memory>
#include <optional>

#include "../async/inbox.hpp"
#include "../async/promise.hpp"
#include "call.hpp"
#include "writer.hpp"

namespace event_draft::sqlite {

/// `SqliteDraftRepository` on an event loop, for its thread alone: the same tables, outbox and errors. The calls of all loops are
/// made by one writer, and those that wait at the same time share one commit. What nobody waits for any longer, and what is late,
/// is not made: `deadline_exceeded` is `unknown` only for a call that was under way.
///
/// It may end while calls wait: those that were not begun are not made, and who waits for one is told when its time is over.
class AsyncSqliteDraftRepository {
 public:
  /// Of the coroutines that await it.
  template <class T>
  using Coroutine = Task<T>;

  AsyncSqliteDraftRepository(adapters::Loop& loop, Writer& writer);
  AsyncSqliteDraftRepository(const AsyncSqliteDraftRepository&) = delete;
  AsyncSqliteDraftRepository& operator=(const AsyncSqliteDraftRepository&) = delete;
  ~AsyncSqliteDraftRepository();

  [[nodiscard]] adapters::Future<SavedDraft> save(const NewEventDraft& draft, Deadline deadline);
  [[nodiscard]] adapters::Future<std::optional<EventDraft>> find(const DraftId& id, Deadline deadline);
  [[nodiscard]] adapters::Future<std::optional<ApprovedDraft>> approve(const DraftApproval& approval,
                                                                       Deadline deadline);
  void settle_later(const Settlement& settlement) noexcept { writer_.repository().settle_later(settlement); }

  /// Whether the database is where it was opened, and can be read now.
  [[nodiscard]] adapters::Future<void> ready(Deadline deadline);

 private:
  template <class T, class Work>
  adapters::Future<T> call(Call::Kind kind, Deadline deadline, Work work);

  adapters::Loop& loop_;
  Writer& writer_;
  std::shared_ptr<adapters::Inbox> inbox_;
};

static_assert(AsyncDraftRepository<AsyncSqliteDraftRepository> &&
              AsyncApprovingRepository<AsyncSqliteDraftRepository> &&
              AsyncOutboxRepository<AsyncSqliteDraftRepository>);

}  // namespace event_draft::sqlite
