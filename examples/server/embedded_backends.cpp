// The backends that need no server: SQLite, the process's own memory, a log of events on the disk.
#include "embedded_backends.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <stdexcept>

#include "adapters/event_log/async_json_lines_publisher.hpp"
#include "adapters/memory/async_memory_draft_cache.hpp"
#include "adapters/sqlite/async_sqlite_draft_repository.hpp"
#include "backend_metrics.hpp"
#include "bound_backends.hpp"

namespace event_draft::server {
namespace {

class Sqlite final : public BoundRepository<sqlite::SqliteDraftRepository> {
 public:
  Sqlite(sqlite::Config config, bool gather) : BoundRepository{std::move(config)}, gather_{gather} {}

  [[nodiscard]] std::string_view name() const noexcept override { return "sqlite"; }
  [[nodiscard]] Result<void> ready(Deadline deadline) override { return adapter_.ready(deadline); }
  [[nodiscard]] std::unique_ptr<LoopRepository> on(adapters::Loop& loop) override {
    if (!writer_) writer_.emplace(adapter_, gather_);
    return std::make_unique<BoundLoopRepository<sqlite::AsyncSqliteDraftRepository>>(loop, *writer_);
  }

 private:
  bool gather_;
  std::optional<sqlite::Writer> writer_;  // for the loops; it ends before what it uses
};

class LoopMemory final : public LoopCache {
 public:
  explicit LoopMemory(memory::MemoryDraftCache<>& cache) : adapter_{cache} {}

  adapters::GuardedFuture<std::optional<std::string>> get(std::string_view key, Deadline deadline) override {
    return adapters::GuardedFuture{adapter_.get(key, deadline)};
  }
  adapters::GuardedFuture<void> set(std::span<const CacheWrite> writes, Deadline deadline) override {
    return adapters::GuardedFuture{adapter_.set(writes, deadline)};
  }
  adapters::Future<void> ready(Deadline) override { return adapters::Future<void>{success()}; }

 private:
  memory::AsyncMemoryDraftCache<> adapter_;
};

class Memory final : public BoundCache<memory::MemoryDraftCache<>> {
 public:
  using BoundCache::BoundCache;
  [[nodiscard]] std::string_view name() const noexcept override { return "cache"; }
  [[nodiscard]] Result<void> ready(Deadline) override { return success(); }
  [[nodiscard]] std::unique_ptr<LoopCache> on(adapters::Loop&) override {
    return std::make_unique<LoopMemory>(adapter_);
  }
  void write_metrics(std::string& out) const override {
    write_sample(out, "gauge", "event_draft_cache_entries", "Entries in the in-process cache.", adapter_.size());
  }
};

class LoopEventLog final : public LoopPublisher {
 public:
  LoopEventLog(adapters::Loop& loop, event_log::JsonLinesPublisher& publisher) : adapter_{loop, publisher} {}

  adapters::GuardedFuture<void> publish(const EventMessage& message, Deadline deadline) override {
    return adapters::GuardedFuture<void>{adapter_.publish(message, deadline)};
  }

 private:
  event_log::AsyncJsonLinesPublisher adapter_;
};

struct EventLog final : BoundPublisher<event_log::JsonLinesPublisher> {
  using BoundPublisher::BoundPublisher;
  [[nodiscard]] std::string_view name() const noexcept override { return "event_log"; }
  [[nodiscard]] Result<void> ready(Deadline deadline) override { return adapter_.ready(deadline); }
  [[nodiscard]] std::unique_ptr<LoopPublisher> on(adapters::Loop& loop) override {
    return std::make_unique<LoopEventLog>(loop, adapter_);
  }
  [[nodiscard]] auto torn_bytes() const { return adapter_.torn_bytes(); }
};

std::filesystem::path in_data_folder(const Config& config, const char* file) {
  return std::filesystem::path{config.data} / file;
}

}  // namespace

std::unique_ptr<RepositoryBackend> make_sqlite(const Config& config, FailureHook on_failure) {
  return std::make_unique<Sqlite>(
      sqlite::Config{.path = in_data_folder(config, "event_draft.db"), .on_failure = std::move(on_failure)},
      config.gather);
}

std::unique_ptr<CacheBackend> make_memory_cache(const Config& config) {
  return std::make_unique<Memory>(memory::CacheLimits{.entries = config.cache_entries, .bytes = config.cache_bytes});
}

std::unique_ptr<PublisherBackend> make_event_log(const Config& config, FailureHook on_failure, observers::Log& log) {
  auto publisher = std::make_unique<EventLog>(event_log::Config{.path = in_data_folder(config, "events.jsonl"),
                                                                .sync = config.event_log_sync,
                                                                .on_failure = std::move(on_failure),
                                                                .gather = config.gather});
  if (const auto torn = publisher->torn_bytes(); torn > 0) {
    log.write(observers::LogLevel::warning, "event_log",
              {{"cause", "a torn last line was cut off"}, {"bytes", static_cast<std::int64_t>(torn)}});
  }
  return publisher;
}

}  // namespace event_draft::server
