#include "replies.hpp"

#include <fmt/format.h>

#include <string_view>

namespace event_draft::redis {

namespace {

std::string_view text_of(const redisReply& reply) noexcept { return {reply.str, static_cast<std::size_t>(reply.len)}; }

}  // namespace

Result<std::optional<std::string>> value_of(const redisReply& reply) {
  if (reply.type == REDIS_REPLY_STRING) return std::optional<std::string>{text_of(reply)};
  if (reply.type == REDIS_REPLY_NIL) return std::optional<std::string>{};
  return Errc::cache_unavailable;
}

bool is_status(const redisReply& reply, std::string_view status) noexcept {
  return reply.type == REDIS_REPLY_STATUS && text_of(reply) == status;
}

std::string describe(const redisReply& reply) {
  if (reply.type != REDIS_REPLY_ERROR) return fmt::format("a reply of type {}", reply.type);
  const auto text = text_of(reply);
  return fmt::format("the error {}", text.substr(0, text.find(' ')));
}

}  // namespace event_draft::redis
