#pragma once

#include <cstddef>

#include "replaceable_new.hpp"

namespace event_draft::test {

/// How many allocations this thread has made, none of them over-aligned.
[[nodiscard]] std::size_t allocations() noexcept;

/// While it lives, the first `allowed` allocations of this thread succeed and the others throw std::bad_alloc.
class AllocationLimit {
 public:
  explicit AllocationLimit(std::size_t allowed) noexcept;
  ~AllocationLimit();
  AllocationLimit(const AllocationLimit&) = delete;
  AllocationLimit& operator=(const AllocationLimit&) = delete;

  /// Whether an allocation was refused.
  [[nodiscard]] bool was_reached() const noexcept;
};

}  // namespace event_draft::test
