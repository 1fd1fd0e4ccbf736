#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

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

/// What an operation gave under a limit, and whether it was reached.
template <class T>
struct Limited {
  T given;
  bool reached;
};

template <class Operation>
auto run_limited(std::size_t allowed, Refuse refuse, Operation operation) {
  const AllocationLimit limit{allowed, refuse};
  auto given = operation();
  return Limited<decltype(given)>{std::move(given), limit.was_reached()};
}

/// For memory that comes by another way than operator new: counts an allocation, and says whether it may succeed.
[[nodiscard]] bool may_allocate() noexcept;

/// How many allocations there have been.
[[nodiscard]] std::size_t allocations() noexcept;

/// How many of them are not freed yet: what is more after a piece of work than it was before is a leak.
[[nodiscard]] std::size_t live_allocations() noexcept;

}  // namespace event_draft::test
