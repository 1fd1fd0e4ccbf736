#include <stdexcept>

#include "server_backends.hpp"

#ifdef EVENT_DRAFT_WITH_REDIS

#include <event_draft/decorators/circuit.hpp>

#include <algorithm>
#include <vector>

#include "adapters/pool/turns.hpp"
#include "adapters/redis/async_redis_draft_cache.hpp"
#include "adapters/redis/redis_draft_cache.hpp"
#include "backend_metrics.hpp"
#include "bound_backends.hpp"

namespace event_draft::server {
namespace {

/// One connection for all requests of a loop.
class LoopRedis final : public LoopCache {
 public:
  LoopRedis(adapters::Loop& loop, redis::Config config, Circuit<>& circuit)
      : adapter_{loop, std::move(config)}, circuit_{circuit} {}

  adapters::GuardedFuture<std::optional<std::string>> get(std::string_view key, Deadline deadline) override {
    return guarded<std::optional<std::string>>(deadline, [&] { return adapter_.get(key, deadline); });
  }
  adapters::GuardedFuture<void> set(std::span<const CacheWrite> writes, Deadline deadline) override {
    return guarded<void>(deadline, [&] { return adapter_.set(writes, deadline); });
  }
  adapters::Future<void> ready(Deadline deadline) override { return adapter_.ping(deadline); }
  [[nodiscard]] const redis::AsyncRedisDraftCache& adapter() const noexcept { return adapter_; }

 private:
  template <class T, class Call>
  adapters::GuardedFuture<T> guarded(Deadline deadline, Call call) {
    auto pass = circuit_.pass(deadline);
    if (pass) return {call(), std::move(pass)};
    return adapters::GuardedFuture<T>{Errc::cache_unavailable};
  }

  redis::AsyncRedisDraftCache adapter_;
  Circuit<>& circuit_;
};

/// Behind a circuit: a server that hangs costs one time-out, not one a request. Callers that block wait for a connection before it:
/// that there are fewer connections than workers is no outage.
class Redis final : public CacheBackend {
 public:
  explicit Redis(const redis::Config& config) : config_{config}, turns_{config.max_connections}, adapter_{config} {}

  Result<std::optional<std::string>> get(std::string_view key, Deadline deadline) override {
    return guarded<std::optional<std::string>>(deadline, [&] { return adapter_.get(key, deadline); });
  }
  Result<void> set(std::span<const CacheWrite> writes, Deadline deadline) override {
    return guarded<void>(deadline, [&] { return adapter_.set(writes, deadline); });
  }
  [[nodiscard]] std::string_view name() const noexcept override { return "redis"; }
  [[nodiscard]] Result<void> ready(Deadline deadline) override {
    return turns_.take(deadline, [&] { return adapter_.ping(deadline); });
  }
  [[nodiscard]] std::unique_ptr<LoopCache> on(adapters::Loop& loop) override {
    auto on_loop = std::make_unique<LoopRedis>(loop, config_, circuit_);
    of_loops_.push_back(&on_loop->adapter());
    return on_loop;
  }
  void write_metrics(std::string& out) const override {
    const auto connected = static_cast<std::size_t>(
        std::ranges::count_if(of_loops_, [](const auto* each) { return each->is_connected(); }));
    write_sample(out, "gauge", "event_draft_redis_connections", "Connections to Redis.",
                 adapter_.connections().all + connected);
    write_sample(out, "gauge", "event_draft_redis_circuit_open", "1 while Redis is left alone because it failed.",
                 circuit_.is_open() ? 1 : 0);
  }

 private:
  template <class T, class Call>
  Result<T> guarded(Deadline deadline, Call call) {
    return turns_.take(deadline, [&]() -> Result<T> {
      auto pass = circuit_.pass(deadline);
      if (!pass) return Errc::cache_unavailable;
      auto result = call();
      pass.ended(result);
      return result;
    });
  }

  redis::Config config_;
  adapters::Turns turns_;
  redis::RedisDraftCache adapter_;
  Circuit<> circuit_;
  std::vector<const redis::AsyncRedisDraftCache*> of_loops_{};
};

}  // namespace

std::unique_ptr<CacheBackend> make_redis(const Config& config, FailureHook on_failure) {
  auto settings = redis::parse_url(config.redis);
  settings.max_connections = config.redis_connections;
  settings.gather = config.gather;
  settings.on_failure = std::move(on_failure);
  return std::make_unique<Redis>(settings);
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
