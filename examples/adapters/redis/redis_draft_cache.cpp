#include "redis_draft_cache.hpp"

#include <fmt/format.h>

#include <utility>

#include "replies.hpp"

namespace event_draft::redis {

RedisDraftCache::RedisDraftCache(Config config)
    : config_{std::move(config)}, pool_{config_.max_connections, Errc::cache_unavailable, [this](Deadline deadline) {
                                          const auto report = [this](std::string_view why) {
                                            const std::lock_guard lock{telling_};
                                            config_.on_failure(fmt::format("{}: {}", describe(config_), why));
                                          };
                                          return Connection::open(config_, report, deadline);
                                        }} {}

Result<std::optional<std::string>> RedisDraftCache::get(std::string_view key, Deadline deadline) {
  Commands commands;
  commands.get(config_.key_prefix, key);
  std::optional<std::string> found;
  const auto done = exchange(commands, deadline, [&](const redisReply& reply) {
    auto value = value_of(reply);
    if (!value) return false;
    found = std::move(value).assume_value();
    return true;
  });
  if (!done) return Error{done.assume_error().code};  // a read has no effect to be in doubt of
  return found;
}

Result<void> RedisDraftCache::set(std::span<const CacheWrite> writes, Deadline deadline) {
  if (deadline.expired()) return Errc::deadline_exceeded;
  if (writes.empty()) return success();
  Commands commands;
  for (const auto& write : writes) commands.set(config_.key_prefix, write);
  return exchange(commands, deadline, [](const redisReply& reply) { return is_status(reply, "OK"); });
}

Result<void> RedisDraftCache::ping(Deadline deadline) {
  Commands commands;
  commands.ping();
  return exchange(commands, deadline, [](const redisReply& reply) { return is_status(reply, "PONG"); });
}

template <class Accept>
Result<void> RedisDraftCache::exchange(const Commands& commands, Deadline deadline, Accept accept) {
  BOOST_OUTCOME_TRY(auto&& connection, pool_.borrow(deadline));
  return connection->exchange(commands, deadline, accept);
}

}  // namespace event_draft::redis
