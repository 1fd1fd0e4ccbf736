#include <doctest/doctest.h>
#include <server_backends.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "fault_proxy.hpp"
#include "redis_fixture.hpp"

using namespace event_draft;
using namespace event_draft::testing;
using namespace std::chrono_literals;

// The example server's cache on Redis: adapter, circuit, and what stands before it.
TEST_CASE("redis backend: while its one connection is in use a server that is well goes on being asked") {
  RedisFixture redis;
  std::atomic<int> requests = 0;
  std::atomic<bool> answer_is_late = true;
  const FaultProxy proxy{"127.0.0.1", static_cast<std::uint16_t>(redis.config().port),
                         [&](const Piece& piece) -> Passage {
                           if (piece.way == FaultProxy::Way::request) ++requests;
                           const bool is_late = piece.way == FaultProxy::Way::reply && answer_is_late.exchange(false);
                           return {.delay = is_late ? 500ms : 0ms};
                         }};
  const server::Config config{.redis = "redis://127.0.0.1:" + std::to_string(proxy.port()), .redis_connections = 1};
  const auto cache = server::make_redis(config, [](std::string_view) {});
  {
    const std::jthread first{[&] { CHECK(cache->get("a key", RedisFixture::soon())); }};
    for (const Deadline until = RedisFixture::soon(); requests == 0 && !until.expired();)
      std::this_thread::sleep_for(1ms);

    const auto second = cache->get("a key", Deadline::after(50ms));
    CHECK((second.has_error() && second.assume_error() == Error{Errc::deadline_exceeded}));
    CHECK(requests == 1);
  }
  std::string metrics;
  cache->write_metrics(metrics);
  CHECK(metrics.find("event_draft_redis_circuit_open 0") != std::string::npos);
  CHECK(cache->get("a key", RedisFixture::soon()));
}
