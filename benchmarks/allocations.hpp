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

inline void report_allocations(benchmark::State& state, std::int64_t before) {
  state.counters["allocations"] =
      benchmark::Counter(static_cast<double>(allocations() - before), benchmark::Counter::kAvgIterations);
}

/// Runs `body` until Google Benchmark has enough, and reports the counted allocations of one run.
template <class Body>
void measure(benchmark::State& state, Body body) {
  const std::int64_t before = allocations();
  for (auto _ : state) body();
  report_allocations(state, before);
}

/// The same for a body that does something `count` times; what is reported is of one time.
template <class Body>
void measure_many(benchmark::State& state, int count, Body body) {
  const std::int64_t before = allocations();
  while (state.KeepRunningBatch(count)) body();
  report_allocations(state, before);
}
