#include "replies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace event_draft::redis {

namespace {

std::string_view text_of(const redisReply& reply) noexcept { return {reply.str, static_cast<std::size_t>(reply.len)}; }

/// Of a line of a log, whoever wrote the error: Redis's own words are short ones of ASCII.
std::string_view first_word(std::string_view text) noexcept {
  constexpr std::size_t most = 40;
  const auto end = std::ranges::find_if(text, [](char c) { return c <= ' ' || c > '~'; });
  return text.substr(0, std::min(most, static_cast<std::size_t>(end - text.begin())));
}

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
  return fmt::format("the error {}", first_word(text_of(reply)));
}

}  // namespace event_draft::redis
