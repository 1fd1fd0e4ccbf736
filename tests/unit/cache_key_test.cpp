#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <event_draft/cache_key.hpp>
#include <random>
#include <string>
#include <string_view>

#include "samples.hpp"

using namespace event_draft;

static_assert(cache_key(UserId::make(123).assume_value()).view() == "draft:event:123");
static_assert(cache_key(DraftId::numbered(123)).view() == "draft:event:draft-123");
static_assert(draft_time_to_live == std::chrono::hours{24});

TEST_CASE("cache key: the specification's, for a user and for a draft") {
  CHECK(cache_key(samples::user(1)).view() == "draft:event:1");
  CHECK(cache_key(samples::user(INT64_MAX)).view() == "draft:event:9223372036854775807");
  CHECK(cache_key(DraftId::numbered(1)).view() == "draft:event:draft-1");
}

TEST_CASE("cache key: the longest is whole, in 76 bytes") {
  const std::string longest = "draft-" + samples::repeated("x", 58);
  CHECK(cache_key(*DraftId::parse(longest)).view() == "draft:event:" + longest);
  CHECK(cache_key(*DraftId::parse(longest)).view().size() == 76);
}

TEST_CASE("cache key: no draft's key is a user's, whatever the id") {
  std::mt19937_64 random{20261123};
  for (int i = 0; i < 10'000; ++i) {
    const auto number = static_cast<std::int64_t>(random() >> (1 + random() % 62));
    if (number == 0) continue;
    const auto key = cache_key(samples::user(number));
    const std::string_view user_part = key.view().substr(cache_key_prefix.size());
    CHECK(!DraftId::parse(user_part));
    CHECK(user_part == std::to_string(number));
    CHECK(cache_key(DraftId::numbered(static_cast<std::uint64_t>(number))) != key);
    CHECK(std::all_of(user_part.begin(), user_part.end(), [](char c) { return c >= '0' && c <= '9'; }));
  }
}
