#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <event_draft/outbox.hpp>
#include <event_draft/ports.hpp>

#include "adapters/observers/log.hpp"
#include "config.hpp"
#include "loop_ports.hpp"

// The ports as this program binds them: which adapter is behind each is known when it starts, so the flow is compiled once
// over these, and once over those of an event loop that each of them gives. A host that knows its clients binds their adapters
// themselves, without a virtual call.
namespace event_draft::server {

struct Backend {
  virtual ~Backend() = default;
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;  ///< as /readyz and the log call it
  [[nodiscard]] virtual Result<void> ready(Deadline deadline) = 0;
  virtual void write_metrics(std::string&) const {}
};

struct RepositoryBackend : Backend {
  virtual Result<SavedDraft> save(const NewEventDraft& draft, Deadline deadline) = 0;
  virtual Result<std::optional<EventDraft>> find(const DraftId& id, Deadline deadline) = 0;
  virtual Result<std::optional<ApprovedDraft>> approve(const DraftApproval& approval, Deadline deadline) = 0;

  virtual void settle_later(const Settlement& settlement) noexcept = 0;
  virtual Result<std::vector<LeasedEvent>> claim(std::size_t limit, std::chrono::milliseconds time,
                                                 Deadline deadline) = 0;
  virtual Result<void> settle(std::span<const Settlement> settlements, Deadline deadline) = 0;
  virtual Result<std::size_t> remove_published(std::chrono::milliseconds age, std::size_t limit, Deadline deadline) = 0;
  virtual Result<OutboxStats> stats(Deadline deadline) = 0;
  virtual Result<std::vector<ParkedEvent>> parked(const std::optional<EventId>& after, std::size_t limit,
                                                  Deadline deadline) = 0;
  virtual Result<bool> replay(const EventId& id, Deadline deadline) = 0;
  virtual Result<bool> discard(const EventId& id, Deadline deadline) = 0;

  /// For the calls of an event loop; it must end before this does.
  [[nodiscard]] virtual std::unique_ptr<LoopRepository> on(adapters::Loop& loop) = 0;

  /// From now on `ring` is called when another process has left something for the relay, if the database can tell.
  virtual void listen(std::function<void()> ring) { static_cast<void>(ring); }
};

struct CacheBackend : Backend {
  virtual Result<std::optional<std::string>> get(std::string_view key, Deadline deadline) = 0;
  virtual Result<void> set(std::span<const CacheWrite> writes, Deadline deadline) = 0;
  /// For the calls of an event loop; it must end before this does.
  [[nodiscard]] virtual std::unique_ptr<LoopCache> on(adapters::Loop& loop) = 0;
};

struct PublisherBackend : Backend {
  virtual Result<void> publish(const EventMessage& message, Deadline deadline) = 0;
  virtual void publish_all(std::span<const EventMessage> messages, std::span<Result<void>> results,
                           Deadline deadline) = 0;
  /// For the calls of an event loop; it must end before this does.
  [[nodiscard]] virtual std::unique_ptr<LoopPublisher> on(adapters::Loop& loop) = 0;
};

static_assert(DraftRepository<RepositoryBackend> && ApprovingRepository<RepositoryBackend>);
static_assert(EventOutbox<RepositoryBackend> && OutboxUpkeep<RepositoryBackend> &&
              OutboxAdministration<RepositoryBackend>);
static_assert(DraftCache<CacheBackend>);
static_assert(BatchEventPublisher<PublisherBackend>);

// What the configuration asks for. They throw std::exception with one line for whoever starts the program.
[[nodiscard]] std::unique_ptr<RepositoryBackend> make_repository(const Config& config, observers::Log& log);
[[nodiscard]] std::unique_ptr<CacheBackend> make_cache(const Config& config, observers::Log& log);
[[nodiscard]] std::unique_ptr<PublisherBackend> make_publisher(const Config& config, observers::Log& log);

}  // namespace event_draft::server
