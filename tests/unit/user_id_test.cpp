#include <doctest/doctest.h>

#include <concepts>
#include <cstdint>
#include <event_draft/user_id.hpp>
#include <type_traits>

using namespace event_draft;

static_assert(UserId::make(3).assume_value().value() == 3);
static_assert(UserId::make(1).assume_value() < UserId::make(2).assume_value());
static_assert(!std::convertible_to<std::int64_t, UserId> && !std::constructible_from<UserId, std::int64_t>);
static_assert(!std::is_default_constructible_v<UserId>);

TEST_CASE("user id: every positive 64-bit integer and no other") {
  for (const std::int64_t value : {INT64_C(1), INT64_C(123), INT64_C(9007199254740993), INT64_MAX}) {
    CHECK(UserId::make(value).value().value() == value);
  }
  for (const std::int64_t value : {INT64_C(0), INT64_C(-1), -INT64_MAX, INT64_MIN}) {
    REQUIRE(!UserId::make(value));
    CHECK(UserId::make(value).error() == Error{Errc::invalid_user, {Field::user_id}});
  }
}

TEST_CASE("user id: ordered by value") {
  const auto one = UserId::make(1).value();
  const auto two = UserId::make(2).value();
  CHECK(one == one);
  CHECK(one != two);
  CHECK(one < two);
  CHECK(two > one);
}
