#include <stdexcept>

#include "server_backends.hpp"

#ifdef EVENT_DRAFT_WITH_REDIS

#include <event_draft/decorators/circuit_breaking.hpp>

#include "adapters/pool/turns.hpp"
#include "adapters/redis/redis_draft_cache.hpp"
#include "backend_metrics.hpp"
#include "bound_backends.hpp"

namespace event_draft::server {
namespace {

/// Behind a circuit: a server that hangs costs one time-out, not one a request. Callers wait for a connection before it: that
/// there are fewer connections than workers is no outage.
class Redis final : public CacheBackend {
 public:
  explicit Redis(redis::Config config) : turns_{config.max_connections}, adapter_{std::move(config)} {}

  Result<std::optional<std::string>> get(std::string_view key, Deadline deadline) override {
    return turns_.take(deadline, [&] { return guarded_.get(key, deadline); });
  }
  Result<void> set(std::span<const CacheWrite> writes, Deadline deadline) override {
    return turns_.take(deadline, [&] { return guarded_.set(writes, deadline); });
  }
  [[nodiscard]] std::string_view name() const noexcept override { return "redis"; }
  [[nodiscard]] Result<void> ready(Deadline deadline) override {
    return turns_.take(deadline, [&] { return adapter_.ping(deadline); });
  }
  void write_metrics(std::string& out) const override {
    write_sample(out, "gauge", "event_draft_redis_connections", "Connections to Redis.", adapter_.connections().all);
    write_sample(out, "gauge", "event_draft_redis_circuit_open", "1 while Redis is left alone because it failed.",
                 guarded_.is_open() ? 1 : 0);
  }

 private:
  adapters::Turns turns_;
  redis::RedisDraftCache adapter_;
  CircuitBreaking<redis::RedisDraftCache> guarded_{adapter_};
};

}  // namespace

std::unique_ptr<CacheBackend> make_redis(const Config& config, FailureHook on_failure) {
  auto settings = redis::parse_url(config.redis);
  settings.max_connections = config.redis_connections;
  settings.on_failure = std::move(on_failure);
  return std::make_unique<Redis>(std::move(settings));
}

std::string shown_redis(const std::string& url) { return redis::describe(redis::parse_url(url)); }

}  // namespace event_draft::server

#else

namespace event_draft::server {

std::unique_ptr<CacheBackend> make_redis(const Config&, FailureHook) {
  throw std::runtime_error{"this build has no Redis adapter: libhiredis-dev or libboost-url1.81-dev was missing"};
}

std::string shown_redis(const std::string&) { return "(not in this build)"; }

}  // namespace event_draft::server

#endif
