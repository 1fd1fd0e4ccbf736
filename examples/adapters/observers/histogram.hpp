#pragma once

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

namespace event_draft::observers {

/// Durations counted by size, as Prometheus has it. Written from any thread without a lock; read while written, its figures
/// may be a few observations apart from each other.
class Histogram {
 public:
  void observe(std::chrono::nanoseconds duration) noexcept {
    std::size_t bucket = 0;
    while (bucket < bounds.size() && std::chrono::duration<double>{duration}.count() > bounds[bucket]) ++bucket;
    buckets_[bucket].fetch_add(1, std::memory_order_relaxed);
    nanoseconds_.fetch_add(duration.count(), std::memory_order_relaxed);
  }

  /// The samples in Prometheus text; `labels` like `step="save"`.
  void write(std::string& out, std::string_view name, std::string_view labels) const {
    const auto to = std::back_inserter(out);
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < bounds.size(); ++i) {
      total += buckets_[i].load(std::memory_order_relaxed);
      fmt::format_to(to, "{}_bucket{{{},le=\"{}\"}} {}\n", name, labels, bounds[i], total);
    }
    total += buckets_.back().load(std::memory_order_relaxed);
    fmt::format_to(to, "{}_bucket{{{},le=\"+Inf\"}} {}\n", name, labels, total);
    const auto sum = static_cast<double>(nanoseconds_.load(std::memory_order_relaxed)) / 1e9;
    fmt::format_to(to, "{}_sum{{{}}} {:.9f}\n{}_count{{{}}} {}\n", name, labels, sum, name, labels, total);
  }

 private:
  // Seconds. 0.05 and 0.5 are the specification's goals.
  static constexpr std::array bounds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                     0.025,  0.05,    0.1,    0.25,  0.5,    1.0};

  std::array<std::atomic<std::uint64_t>, bounds.size() + 1> buckets_{};
  std::atomic<std::int64_t> nanoseconds_{0};
};

}  // namespace event_draft::observers
