#pragma once

#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <adapters/pool/connection_pool.hpp>
#include <event_draft/ports.hpp>

#include "commands.hpp"
#include "config.hpp"
#include "connection.hpp"

namespace event_draft::redis {

/// A DraftCache on a Redis server (6 or newer with users, else any). Each call is one round trip on a connection of its own;
/// one that failed is closed for good. Nothing is connected before the first call. The process must ignore SIGPIPE.
class RedisDraftCache {
 public:
  explicit RedisDraftCache(Config config);

  [[nodiscard]] Result<std::optional<std::string>> get(std::string_view key, Deadline deadline);
  [[nodiscard]] Result<void> set(std::span<const CacheWrite> writes, Deadline deadline);

  /// Whether the server answers, and takes commands from this user.
  [[nodiscard]] Result<void> ping(Deadline deadline);
  /// For metrics.
  [[nodiscard]] auto connections() const { return pool_.size(); }

 private:
  template <class Accept>
  Result<void> exchange(const Commands& commands, Deadline deadline, Accept accept);

  Config config_;
  std::mutex telling_;
  adapters::ConnectionPool<Connection> pool_;
};

static_assert(DraftCache<RedisDraftCache>);

}  // namespace event_draft::redis
