#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace event_draft::simulation {

/// SplitMix64: the same numbers from the same seed with every compiler, which the standard's distributions don't promise.
class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept : state_{mixed(seed + step)} {}

  std::uint64_t operator()() noexcept { return mixed(state_ += step); }

  /// 0 to count - 1.
  int below(int count) noexcept {
    return static_cast<int>(((*this)() >> 32U) * static_cast<std::uint64_t>(count) >> 32U);
  }

  bool chance(int per_mille) noexcept { return below(1000) < per_mille; }

  template <class T, std::size_t N>
  const T& pick(const std::array<T, N>& from) noexcept {
    return from[static_cast<std::size_t>(below(static_cast<int>(N)))];
  }

  /// Less than `most`.
  std::chrono::nanoseconds span(std::chrono::nanoseconds most) noexcept {
    return std::chrono::nanoseconds{
        static_cast<std::int64_t>(((*this)() >> 24U) % static_cast<std::uint64_t>(most.count()))};
  }

  /// Either way from zero.
  std::chrono::nanoseconds around(std::chrono::nanoseconds most) noexcept { return span(2 * most) - most; }

 private:
  static constexpr std::uint64_t step = 0x9E3779B97F4A7C15;

  static constexpr std::uint64_t mixed(std::uint64_t x) noexcept {
    x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9;
    x = (x ^ (x >> 27U)) * 0x94D049BB133111EB;
    return x ^ (x >> 31U);
  }

  std::uint64_t state_;
};

}  // namespace event_draft::simulation
