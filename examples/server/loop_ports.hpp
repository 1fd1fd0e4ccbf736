#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <event_draft/async_ports.hpp>
#include <event_draft/outbox.hpp>
#include <event_draft/task.hpp>

#include "adapters/async/guarded_future.hpp"
#include "adapters/async/promise.hpp"

// The ports of one event loop, as this program binds them. Calls of the cache and of the publisher begin when they are made, so that they
// overlap; the repository's begin when they are awaited.
namespace event_draft::server {

struct LoopRepository {
  template <class T>
  using Coroutine = Task<T>;

  virtual ~LoopRepository() = default;
  [[nodiscard]] virtual Task<Result<SavedDraft>> save(const NewEventDraft& draft, Deadline deadline) = 0;
  [[nodiscard]] virtual Task<Result<std::optional<EventDraft>>> find(const DraftId& id, Deadline deadline) = 0;
  [[nodiscard]] virtual Task<Result<std::optional<ApprovedDraft>>> approve(const DraftApproval& approval,
                                                                           Deadline deadline) = 0;
  virtual void settle_later(const Settlement& settlement) noexcept = 0;
  [[nodiscard]] virtual Task<Result<void>> ready(Deadline deadline) = 0;
};

struct LoopCache {
  virtual ~LoopCache() = default;
  [[nodiscard]] virtual adapters::GuardedFuture<std::optional<std::string>> get(std::string_view key,
                                                                                Deadline deadline) = 0;
  [[nodiscard]] virtual adapters::GuardedFuture<void> set(std::span<const CacheWrite> writes, Deadline deadline) = 0;
  [[nodiscard]] virtual adapters::Future<void> ready(Deadline deadline) = 0;
};

struct LoopPublisher {
  virtual ~LoopPublisher() = default;
  [[nodiscard]] virtual adapters::GuardedFuture<void> publish(const EventMessage& message, Deadline deadline) = 0;
};

static_assert(AsyncDraftRepository<LoopRepository> && AsyncApprovingRepository<LoopRepository> &&
              AsyncOutboxRepository<LoopRepository>);
static_assert(AsyncDraftCache<LoopCache>);
static_assert(AsyncEventPublisher<LoopPublisher>);

/// An adapter for the loop behind the program's own port.
template <class Adapter>
class BoundLoopRepository : public LoopRepository {
 public:
  template <class... Arguments>
  explicit BoundLoopRepository(Arguments&&... arguments) : adapter_{std::forward<Arguments>(arguments)...} {}

  Task<Result<SavedDraft>> save(const NewEventDraft& draft, Deadline deadline) override {
    co_return co_await adapter_.save(draft, deadline);
  }
  Task<Result<std::optional<EventDraft>>> find(const DraftId& id, Deadline deadline) override {
    co_return co_await adapter_.find(id, deadline);
  }
  Task<Result<std::optional<ApprovedDraft>>> approve(const DraftApproval& approval, Deadline deadline) override {
    co_return co_await adapter_.approve(approval, deadline);
  }
  void settle_later(const Settlement& settlement) noexcept override { adapter_.settle_later(settlement); }
  Task<Result<void>> ready(Deadline deadline) override { co_return co_await adapter_.ready(deadline); }

  [[nodiscard]] const Adapter& adapter() const noexcept { return adapter_; }

 private:
  Adapter adapter_;
};

}  // namespace event_draft::server
