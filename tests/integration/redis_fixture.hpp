#pragma once

#include <doctest/doctest.h>
#include <hiredis/hiredis.h>

#include <adapters/redis/redis_draft_cache.hpp>
#include <array>
#include <chrono>
#include <csignal>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "real_server.hpp"

namespace event_draft::testing {

using Clock = std::chrono::steady_clock;
inline constexpr std::chrono::seconds slack{1};  // of a busy machine

/// The test's own way to the server, past the adapter.
class RedisAdmin {
 public:
  RedisAdmin() {
    std::signal(SIGPIPE, SIG_IGN);  // as the adapter's users have to
    const auto config = redis::parse_url(RealServer{"redis"}.url());
    context_.reset(redisConnectWithTimeout(config.host.c_str(), config.port, {10, 0}));
    REQUIRE(context_ != nullptr);
    REQUIRE(context_->err == 0);
  }

  std::string operator()(std::initializer_list<std::string_view> words) {
    std::vector<const char*> texts;
    std::vector<std::size_t> sizes;
    for (const auto word : words) {
      texts.push_back(word.data());
      sizes.push_back(word.size());
    }
    const redis::Reply reply{static_cast<redisReply*>(
        redisCommandArgv(context_.get(), static_cast<int>(texts.size()), texts.data(), sizes.data()))};
    REQUIRE(reply != nullptr);
    if (reply->type == REDIS_REPLY_INTEGER) return std::to_string(reply->integer);
    return reply->str != nullptr ? std::string{reply->str, static_cast<std::size_t>(reply->len)} : std::string{};
  }

 private:
  struct Free {
    void operator()(redisContext* context) const noexcept { redisFree(context); }
  };
  std::unique_ptr<redisContext, Free> context_;
};

/// An emptied server, the adapter on it, and what the adapter has said.
class RedisFixture {
 public:
  RedisFixture() { CHECK(admin({"FLUSHALL"}) == "OK"); }

  [[nodiscard]] redis::Config config() {
    auto config = redis::parse_url(RealServer{"redis"}.url());
    config.on_failure = [this](std::string_view what) {
      const std::lock_guard lock{mutex_};
      failures_.emplace_back(what);
    };
    return config;
  }
  [[nodiscard]] std::vector<std::string> failures() {
    const std::lock_guard lock{mutex_};
    return failures_;
  }

  static Deadline soon() { return Deadline::after(std::chrono::seconds{5}); }
  static Result<void> set(redis::RedisDraftCache& cache, std::string_view key, std::string_view value,
                          Deadline deadline = soon()) {
    const CacheWrite write{key, value, std::chrono::seconds{1800}};
    return cache.set({&write, 1}, deadline);
  }

  RedisAdmin admin;

 private:
  std::mutex mutex_;
  std::vector<std::string> failures_;
};

}  // namespace event_draft::testing
