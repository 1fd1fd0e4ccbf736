// Replaces the operator new of the whole executable: at most one file of an executable may.
#include "allocation_limit.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <limits>
#include <memory>
#include <new>
#include <string>

namespace event_draft::test {
namespace {

constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();
thread_local std::size_t left = unlimited;
thread_local std::size_t made = 0;
thread_local bool reached = false;

[[maybe_unused]] void* allocate(std::size_t size) {
  if (left == 0) reached = true;
  void* const memory = left == 0 ? nullptr : std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc{};
  if (left != unlimited) --left;
  ++made;
  return memory;
}

}  // namespace

std::size_t allocations() noexcept { return made; }

AllocationLimit::AllocationLimit(std::size_t allowed) noexcept {
  reached = false;
  left = allowed;
}
AllocationLimit::~AllocationLimit() { left = unlimited; }
bool AllocationLimit::was_reached() const noexcept { return reached; }

}  // namespace event_draft::test

#if EVENT_DRAFT_REPLACEABLE_NEW
// The program's own, for every allocation that does not ask for an alignment.
void* operator new(std::size_t size) { return event_draft::test::allocate(size); }
void* operator new[](std::size_t size) { return event_draft::test::allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
#endif

TEST_CASE("allocations are counted" * doctest::skip(!event_draft::test::replaceable_new)) {
  const std::size_t before = event_draft::test::allocations();
  const std::string long_text(1000, 'x');
  CHECK(event_draft::test::allocations() - before == 1);
}

TEST_CASE("an allocation limit refuses what comes after it, and nothing once it is gone" *
          doctest::skip(!event_draft::test::replaceable_new)) {
  bool first = false;
  bool second = false;
  bool reached = false;
  {
    const event_draft::test::AllocationLimit limit{1};
    try {
      const auto one = std::make_unique<int>(1);
      first = *one == 1 && !limit.was_reached();
      const auto two = std::make_unique<int>(2);
      second = *two == 2;
    } catch (const std::bad_alloc&) {
      reached = limit.was_reached();
    }
  }
  CHECK(first);
  CHECK_FALSE(second);
  CHECK(reached);
  CHECK(*std::make_unique<int>(3) == 3);
}
