#pragma once

#include <compare>
#include <cstdint>

#include <event_draft/result.hpp>

namespace event_draft {

/// A user of the User Service: a positive 64-bit integer.
class UserId {
 public:
  /// `invalid_user` for zero and below.
  [[nodiscard]] static constexpr Result<UserId> make(std::int64_t value) noexcept {
    if (value <= 0) return Error{Errc::invalid_user, {Field::user_id}};
    return UserId{value};
  }

  [[nodiscard]] constexpr std::int64_t value() const noexcept { return value_; }

  friend constexpr auto operator<=>(UserId, UserId) noexcept = default;

 private:
  constexpr explicit UserId(std::int64_t value) noexcept : value_{value} {}

  std::int64_t value_;
};

}  // namespace event_draft
