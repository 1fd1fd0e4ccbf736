#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace event_draft {

/// Exponential back-off with jitter: after the nth failure in a row, between half and all of `first` doubled n - 1 times, and
/// never more than `most`. The jitter keeps those who failed together from coming back together.
struct Backoff {
  std::chrono::milliseconds first{100};
  std::chrono::milliseconds most{60'000};

  /// `random` may be any bits that differ between those who wait; they need not be good ones.
  [[nodiscard]] constexpr std::chrono::milliseconds operator()(int failures, std::uint64_t random) const noexcept {
    constexpr std::chrono::milliseconds none{0};
    auto span = std::max(std::min(first, most), none);
    for (int i = 1; i < failures && span != none && span < most; ++i) span = span > most / 2 ? most : span * 2;
    const auto half = span.count() / 2;
    return std::chrono::milliseconds{span.count() -
                                     static_cast<std::int64_t>(mixed(random) % (static_cast<std::uint64_t>(half) + 1))};
  }

 private:
  /// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): neighbours come out far apart.
  static constexpr std::uint64_t mixed(std::uint64_t x) noexcept {
    x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9;
    x = (x ^ (x >> 27U)) * 0x94D049BB133111EB;
    return x ^ (x >> 31U);
  }
};

}  // namespace event_draft
