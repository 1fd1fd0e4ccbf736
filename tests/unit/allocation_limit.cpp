// Replaces the operator new of the whole executable: at most one file of an executable may.
#include "allocation_limit.hpp"

#include <atomic>
#include <cstdlib>
#include <limits>
#include <new>

namespace event_draft::test {
namespace {

constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

// Of all threads: what an adapter does on a thread of its own belongs to the call that it serves.
std::atomic<std::size_t> count = 0;
std::atomic<std::size_t> live = 0;
std::atomic<std::size_t> first_refused = unlimited;
std::atomic<Refuse> refuse = Refuse::rest;
std::atomic<bool> reached = false;

bool is_refused(std::size_t number) noexcept {
  const std::size_t first = first_refused;
  if (first == unlimited || number < first) return false;
  return refuse == Refuse::rest || number == first;
}

[[maybe_unused]] void* try_allocate(std::size_t size) noexcept {
  void* const memory = may_allocate() ? std::malloc(size == 0 ? 1 : size) : nullptr;
  if (memory != nullptr) ++live;
  return memory;
}

[[maybe_unused]] void* allocate(std::size_t size) {
  if (void* const memory = try_allocate(size)) return memory;
  throw std::bad_alloc{};
}

[[maybe_unused]] void release(void* memory) noexcept {
  if (memory != nullptr) --live;
  std::free(memory);
}

}  // namespace

AllocationLimit::AllocationLimit(std::size_t allowed, Refuse how) noexcept {
  reached = false;
  refuse = how;
  first_refused = count + allowed;
}
AllocationLimit::~AllocationLimit() { first_refused = unlimited; }
bool AllocationLimit::was_reached() const noexcept { return reached; }

bool may_allocate() noexcept {
  const bool refused = is_refused(count++);
  if (refused) reached = true;
  return !refused;
}

std::size_t allocations() noexcept { return count; }
std::size_t live_allocations() noexcept { return live; }

}  // namespace event_draft::test

#if EVENT_DRAFT_REPLACEABLE_NEW
// The program's own, for every allocation that does not ask for an alignment.
void* operator new(std::size_t size) { return event_draft::test::allocate(size); }
void* operator new[](std::size_t size) { return event_draft::test::allocate(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return event_draft::test::try_allocate(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return event_draft::test::try_allocate(size); }
void operator delete(void* memory) noexcept { event_draft::test::release(memory); }
void operator delete[](void* memory) noexcept { event_draft::test::release(memory); }
void operator delete(void* memory, std::size_t) noexcept { event_draft::test::release(memory); }
void operator delete[](void* memory, std::size_t) noexcept { event_draft::test::release(memory); }

// Asio's way to what it is to do later.
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  void* memory = nullptr;
  if (!event_draft::test::may_allocate() || ::posix_memalign(&memory, alignment, size) != 0) return nullptr;
  return memory;
}
#endif
