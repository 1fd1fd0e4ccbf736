#include "allocations.hpp"

#include <cstdlib>
#include <new>

// Every program here has one thread.
static std::int64_t count = 0;

std::int64_t allocations() noexcept { return count; }

UncountedAllocations::UncountedAllocations() noexcept : before_{count} {}
UncountedAllocations::~UncountedAllocations() { count = before_; }

void* operator new(std::size_t size) {
  ++count;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc{};
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
