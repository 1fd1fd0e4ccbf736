#pragma once

#include <algorithm>
#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>

#include <adapters/async/loop.hpp>
#include <adapters/async/promise.hpp>
#include <adapters/redis/async_redis_draft_cache.hpp>
#include <event_draft/task.hpp>
#include <event_draft/testing/printing.hpp>

#include "fault_proxy.hpp"
#include "redis_fixture.hpp"

namespace event_draft::testing {

inline Error unavailable(Certainty certainty = Certainty::not_applied) {
  return {Errc::cache_unavailable, {}, certainty};
}

/// An emptied server, and a loop that the test turns itself.
class AsyncRedisFixture : public RedisFixture {
 public:
  template <class T>
  static Task<Result<T>> awaited(adapters::Future<T> future) {
    co_return co_await std::move(future);
  }

  /// Turns the loop until it is so, or fails.
  template <class Condition>
  void turn_until(Condition is_so) {
    const auto give_up = Deadline::after(std::chrono::seconds{10});
    while (!is_so()) {
      REQUIRE_FALSE(give_up.expired());
      context.run_one_for(std::chrono::milliseconds{1});
    }
  }
  void turn_for(std::chrono::milliseconds span) {
    const auto end = Deadline::after(span);
    while (!end.expired()) context.run_one_until(end.at());
  }

  /// What a call comes to.
  template <class T>
  Result<T> run(adapters::Future<T> future) {
    auto task = awaited(std::move(future));
    task.start();
    turn_until([&] { return task.is_done(); });
    return task.get();
  }
  /// What calls come to that were begun together.
  template <class T>
  std::vector<Result<T>> run(std::vector<adapters::Future<T>> futures) {
    std::vector<Task<Result<T>>> tasks;
    for (auto& future : futures) {
      tasks.push_back(awaited(std::move(future)));
      tasks.back().start();
    }
    turn_until([&] { return std::ranges::all_of(tasks, [](const auto& task) { return task.is_done(); }); });
    std::vector<Result<T>> results;
    for (auto& task : tasks) results.push_back(task.get());
    return results;
  }

  static adapters::Future<void> set(redis::AsyncRedisDraftCache& cache, std::string_view key, std::string_view value,
                                    Deadline deadline = soon()) {
    const CacheWrite write{key, value, std::chrono::seconds{1800}};
    return cache.set({&write, 1}, deadline);
  }
  void connect(redis::AsyncRedisDraftCache& cache) {
    turn_until([&] { return cache.is_connected(); });
  }

  std::string last_failure() {
    const auto all = failures();
    return all.empty() ? "none" : all.back();
  }

  boost::asio::io_context context{1};
  adapters::Loop loop{context};
};

/// The same through a proxy that does to single pieces what the test wants.
class AsyncProxied : public AsyncRedisFixture {
 public:
  using Way = FaultProxy::Way;

  /// Does `what` to the next piece that goes this way.
  void arm(Way which, Passage what) {
    const std::lock_guard lock{mutex};
    fault = std::move(what);
    way = which;
    is_armed = true;
  }
  std::size_t requests() {
    const std::lock_guard lock{mutex};
    return requests_seen;
  }

  redis::Config proxied() {
    auto settings = config();
    settings.host = "127.0.0.1";
    settings.port = proxy.port();
    return settings;
  }

  std::mutex mutex;
  Passage fault{};
  Way way = Way::reply;
  bool is_armed = false;
  std::size_t requests_seen = 0;
  FaultProxy proxy{"127.0.0.1", config().port, [this](const Piece& piece) {
                     const std::lock_guard lock{mutex};
                     if (piece.way == Way::request) ++requests_seen;
                     return piece.way == way && std::exchange(is_armed, false) ? fault : Passage{};
                   }};
};

}  // namespace event_draft::testing
