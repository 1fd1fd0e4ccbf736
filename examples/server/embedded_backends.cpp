// The backends that need no server: SQLite, the process's own memory, a log of events on the disk.
#include "embedded_backends.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <stdexcept>

#include "adapters/event_log/json_lines_publisher.hpp"
#include "adapters/memory/memory_draft_cache.hpp"
#include "adapters/sqlite/sqlite_draft_repository.hpp"
#include "backend_metrics.hpp"
#include "bound_backends.hpp"

namespace event_draft::server {
namespace {

struct Sqlite final : BoundRepository<sqlite::SqliteDraftRepository> {
  using BoundRepository::BoundRepository;
  [[nodiscard]] std::string_view name() const noexcept override { return "sqlite"; }
  [[nodiscard]] Result<void> ready(Deadline deadline) override { return adapter_.ready(deadline); }
};

class Memory final : public BoundCache<memory::MemoryDraftCache<>> {
 public:
  using BoundCache::BoundCache;
  [[nodiscard]] std::string_view name() const noexcept override { return "cache"; }
  [[nodiscard]] Result<void> ready(Deadline) override { return success(); }
  void write_metrics(std::string& out) const override {
    write_sample(out, "gauge", "event_draft_cache_entries", "Entries in the in-process cache.", adapter_.size());
  }
};

struct EventLog final : BoundPublisher<event_log::JsonLinesPublisher> {
  using BoundPublisher::BoundPublisher;
  [[nodiscard]] std::string_view name() const noexcept override { return "event_log"; }
  [[nodiscard]] Result<void> ready(Deadline deadline) override { return adapter_.ready(deadline); }
  [[nodiscard]] auto torn_bytes() const { return adapter_.torn_bytes(); }
};

std::filesystem::path in_data_folder(const Config& config, const char* file) {
  return std::filesystem::path{config.data} / file;
}

}  // namespace

std::unique_ptr<RepositoryBackend> make_sqlite(const Config& config, FailureHook on_failure) {
  return std::make_unique<Sqlite>(
      sqlite::Config{.path = in_data_folder(config, "event_draft.db"), .on_failure = std::move(on_failure)});
}

std::unique_ptr<CacheBackend> make_memory_cache(const Config& config) {
  return std::make_unique<Memory>(memory::CacheLimits{.entries = config.cache_entries, .bytes = config.cache_bytes});
}

std::unique_ptr<PublisherBackend> make_event_log(const Config& config, FailureHook on_failure, observers::Log& log) {
  auto publisher = std::make_unique<EventLog>(event_log::Config{.path = in_data_folder(config, "events.jsonl"),
                                                                .sync = config.event_log_sync,
                                                                .on_failure = std::move(on_failure)});
  if (const auto torn = publisher->torn_bytes(); torn > 0) {
    log.write(observers::LogLevel::warning, "event_log",
              {{"cause", "a torn last line was cut off"}, {"bytes", static_cast<std::int64_t>(torn)}});
  }
  return publisher;
}

}  // namespace event_draft::server
