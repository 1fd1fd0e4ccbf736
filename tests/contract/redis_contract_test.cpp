#include <unistd.h>

#include <adapters/redis/redis_draft_cache.hpp>
#include <event_draft/testing/contracts.hpp>

#include "../integration/real_server.hpp"
#include "harness_clocks.hpp"

namespace {

/// Each has its own keys on the server that all share.
class RedisCache : public event_draft::testing::RealTime {
 public:
  auto& port() { return port_; }

 private:
  static event_draft::redis::Config config() {
    static int count = 0;
    auto config = event_draft::redis::parse_url(event_draft::testing::RealServer{"redis"}.url());
    config.key_prefix = std::to_string(++count) + ":";
    return config;
  }

  event_draft::redis::RedisDraftCache port_{config()};
};

EVENT_DRAFT_CACHE_CONTRACT(RedisCache);

}  // namespace
