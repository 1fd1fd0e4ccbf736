#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>

/// How often this program has called the global operator new.
[[nodiscard]] std::int64_t allocations() noexcept;

/// While it lives, what is allocated is not counted: the do-nothing ports' own strings are not the library's.
class UncountedAllocations {
 public:
  UncountedAllocations() noexcept;
  ~UncountedAllocations();
  UncountedAllocations(const UncountedAllocations&) = delete;
  UncountedAllocations& operator=(const UncountedAllocations&) = delete;

 private:
  std::int64_t before_;
};

/// Runs `body` until Google Benchmark has enough, and reports the counted allocations of one run.
template <class Body>
void measure(benchmark::State& state, Body body) {
  const std::int64_t before = allocations();
  for (auto _ : state) body();
  state.counters["allocations"] =
      benchmark::Counter(static_cast<double>(allocations() - before), benchmark::Counter::kAvgIterations);
}
