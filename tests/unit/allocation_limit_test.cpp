#include "allocation_limit.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <new>
#include <thread>

using namespace event_draft::test;

namespace {

/// Which of three allocations succeed, a bit each.
int allocate_three() {
  int succeeded = 0;
  for (int i = 0; i < 3; ++i) {
    try {
      succeeded |= *std::make_unique<int>(1) << i;
    } catch (const std::bad_alloc&) {
    }
  }
  return succeeded;
}

int three_under(std::size_t allowed, Refuse refuse) {
  const AllocationLimit limit{allowed, refuse};
  return allocate_three();
}

}  // namespace

TEST_CASE("an allocation limit refuses one allocation or all that come after it, and nothing once it is gone" *
          doctest::skip(!replaceable_new)) {
  CHECK(three_under(1, Refuse::rest) == 0b001);
  CHECK(three_under(1, Refuse::one) == 0b101);
  CHECK(three_under(3, Refuse::rest) == 0b111);
  CHECK(allocate_three() == 0b111);
}

TEST_CASE("an allocation limit tells whether it was reached" * doctest::skip(!replaceable_new)) {
  bool before = true;
  bool after = false;
  {
    const AllocationLimit limit{1};
    const auto one = std::make_unique<int>(1);
    before = limit.was_reached();
    allocate_three();
    after = limit.was_reached();
  }
  CHECK_FALSE(before);
  CHECK(after);
}

TEST_CASE("an allocation limit holds for every thread" * doctest::skip(!replaceable_new)) {
  int succeeded = 0b111;
  std::atomic<bool> go = false;
  std::jthread thread{[&] {  // made before there is a limit, for it allocates
    go.wait(false);
    succeeded = allocate_three();
  }};
  {
    const AllocationLimit limit{0};
    go = true;
    go.notify_one();
    thread.join();
  }
  CHECK(succeeded == 0);
}

TEST_CASE("allocations are counted, and those that are not freed" * doctest::skip(!replaceable_new)) {
  const std::size_t count = allocations();
  const std::size_t live = live_allocations();
  auto one = std::make_unique<int>(1);
  const std::size_t live_with_one = live_allocations();
  one.reset();
  const std::size_t live_without = live_allocations();
  CHECK(allocations() - count == 1);
  CHECK(live_with_one - live == 1);
  CHECK(live_without == live);
}
