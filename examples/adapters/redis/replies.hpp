#pragma once

#include <hiredis/hiredis.h>

#include <memory>
#include <optional>
#include <string>

#include <event_draft/result.hpp>

// What comes back from Redis, apart from what carries it.
namespace event_draft::redis {

struct FreeReply {
  void operator()(redisReply* reply) const noexcept { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, FreeReply>;

/// Of GET: the value, or nullopt where there is none. Anything else fails with `cache_unavailable`.
[[nodiscard]] Result<std::optional<std::string>> value_of(const redisReply& reply);

/// Whether it is the status that is expected: OK, or PONG to PING.
[[nodiscard]] bool is_status(const redisReply& reply, std::string_view status) noexcept;

/// What an unexpected reply was, for a log. Of an error its first word alone (OOM, READONLY, …), for the rest may quote what
/// was sent.
[[nodiscard]] std::string describe(const redisReply& reply);

}  // namespace event_draft::redis
