#pragma once

#include <cstddef>
#include <cstdint>

#include "replaceable_new.hpp"

namespace event_draft::test {

/// How memory runs out.
enum class Refuse : std::uint8_t {
  one,   ///< once; what comes after it succeeds
  rest,  ///< for good, or at least for as long as the limit lives
};

/// While it lives, the first `allowed` allocations of the program succeed, and one or all after them throw std::bad_alloc. One
/// at a time.
class AllocationLimit {
 public:
  explicit AllocationLimit(std::size_t allowed, Refuse refuse = Refuse::rest) noexcept;
  ~AllocationLimit();
  AllocationLimit(const AllocationLimit&) = delete;
  AllocationLimit& operator=(const AllocationLimit&) = delete;

  /// Whether an allocation was refused.
  [[nodiscard]] bool was_reached() const noexcept;
};

/// For memory that comes by another way than operator new: counts an allocation, and says whether it may succeed.
[[nodiscard]] bool may_allocate() noexcept;

/// How many allocations there have been.
[[nodiscard]] std::size_t allocation_count() noexcept;

/// How many of them are not freed yet: what is more after a piece of work than it was before is a leak.
[[nodiscard]] std::size_t live_allocations() noexcept;

}  // namespace event_draft::test
