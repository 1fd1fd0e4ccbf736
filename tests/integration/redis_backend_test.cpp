#include <doctest/doctest.h>
#include <server_backends.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <boost/asio/io_context.hpp>

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
  CHECK(metrics.find("\nevent_draft_redis_circuit_open 0\n") != std::string::npos);
  CHECK(cache->get("a key", RedisFixture::soon()));
}

namespace {

template <class T>
Task<Result<T>> awaited(adapters::GuardedFuture<T> future) {
  co_return co_await std::move(future);
}

}  // namespace

TEST_CASE("redis backend: on an event loop, too, a server that is slow costs one time-out, not one a request") {
  RedisFixture redis;
  std::atomic<bool> is_slow = false;
  const FaultProxy proxy{"127.0.0.1", static_cast<std::uint16_t>(redis.config().port),
                         [&](const Piece& piece) -> Passage {
                           return {.delay = piece.way == FaultProxy::Way::reply && is_slow ? 200ms : 0ms};
                         }};
  const server::Config config{.redis = "redis://127.0.0.1:" + std::to_string(proxy.port())};
  const auto cache = server::make_redis(config, [](std::string_view) {});
  boost::asio::io_context context{1};
  adapters::Loop loop{context};
  const auto on_loop = cache->on(loop);
  const auto get = [&](Deadline deadline) {
    auto task = awaited(on_loop->get("a key", deadline));
    task.start();
    while (!task.is_done()) {
      context.restart();
      context.run_one_for(100ms);
    }
    return task.get();
  };
  const auto is_open = [&] {
    std::string metrics;
    cache->write_metrics(metrics);
    return metrics.find("\nevent_draft_redis_circuit_open 1\n") != std::string::npos;
  };
  CHECK(get(RedisFixture::soon()));
  CHECK_FALSE(is_open());

  is_slow = true;
  CHECK(get(Deadline::after(50ms)) == Result<std::optional<std::string>>{Error{Errc::deadline_exceeded}});
  CHECK(is_open());
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i != 100; ++i) {
    CHECK(get(Deadline::after(50ms)) == Result<std::optional<std::string>>{Error{Errc::cache_unavailable}});
  }
  CHECK(std::chrono::steady_clock::now() - began < 500ms);

  is_slow = false;
  for (const Deadline until = RedisFixture::soon(); is_open() && !until.expired();) {
    static_cast<void>(get(Deadline::after(50ms)));
    std::this_thread::sleep_for(20ms);
  }
  CHECK_FALSE(is_open());
}
