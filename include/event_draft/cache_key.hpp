#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include <event_draft/detail/inline_text.hpp>
#include <event_draft/draft_id.hpp>
#include <event_draft/user_id.hpp>

namespace event_draft {

/// A cache key's text: at most 76 bytes of ASCII, without white space.
using CacheKey = detail::InlineText<12 + DraftId::max_size>;

inline constexpr std::string_view cache_key_prefix = "draft:event:";

/// How long a draft stays cached under its own id (step 4 and the cache strategy: 24 hours).
inline constexpr std::chrono::hours draft_time_to_live{24};

/// `draft:event:{userId}`: the user's draft in progress (step 1).
[[nodiscard]] constexpr CacheKey cache_key(UserId user) noexcept {
  return CacheKey{cache_key_prefix}.append_number(static_cast<std::uint64_t>(user.value()));
}

/// `draft:event:{eventDraftId}`: one draft (step 4).
[[nodiscard]] constexpr CacheKey cache_key(const DraftId& id) noexcept {
  return CacheKey{cache_key_prefix}.append(id.view());
}

}  // namespace event_draft
