#pragma once

#include <cstddef>

#include "replaceable_new.hpp"

namespace event_draft::test {

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
