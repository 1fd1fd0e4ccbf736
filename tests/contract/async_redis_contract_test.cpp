#include <adapters/redis/async_redis_draft_cache.hpp>
#include <event_draft/testing/contracts.hpp>

#include "../integration/real_server.hpp"
#include "harness_clocks.hpp"
#include "on_loop.hpp"

namespace {

using event_draft::CacheWrite;
using event_draft::Deadline;

/// The port that blocks, as the suite calls it.
class BlockingCache {
 public:
  explicit BlockingCache(event_draft::redis::Config config) : cache_{std::move(config)} {}

  auto get(std::string_view key, Deadline deadline) {
    return cache_.call([&](auto& cache) { return cache.get(key, deadline); });
  }
  auto set(std::span<const CacheWrite> writes, Deadline deadline) {
    return cache_.call([&](auto& cache) { return cache.set(writes, deadline); });
  }

 private:
  event_draft::testing::OnLoop<event_draft::redis::AsyncRedisDraftCache> cache_;
};

/// Each has its own keys on the server that all share.
class AsyncRedisCache : public event_draft::testing::RealTime {
 public:
  auto& port() { return port_; }

 private:
  static event_draft::redis::Config config() {
    static int count = 0;
    auto config = event_draft::redis::parse_url(event_draft::testing::RealServer{"redis"}.url());
    config.key_prefix = std::to_string(++count) + ":";
    return config;
  }

  BlockingCache port_{config()};
};

EVENT_DRAFT_CACHE_CONTRACT(AsyncRedisCache);

}  // namespace
