#pragma once

#include <atomic>
#include <chrono>

#include <event_draft/clock.hpp>

namespace event_draft::testing {

/// A clock that moves only when it is told to, from any thread. It begins at 2026-11-23T09:00:00.123Z, and at steady time
/// zero: a port that asks the real steady clock about a deadline of this one finds every deadline expired.
class VirtualClock {
 public:
  static constexpr Timestamp start =
      std::chrono::sys_days{std::chrono::November / 23 / 2026} + std::chrono::hours{9} + std::chrono::milliseconds{123};

  [[nodiscard]] Timestamp now() const noexcept {
    return wall_start_.load() + std::chrono::floor<std::chrono::milliseconds>(elapsed_.load());
  }
  [[nodiscard]] SteadyTime steady_now() const noexcept { return SteadyTime{elapsed_.load()}; }

  /// Lets time pass, on both clocks.
  void advance(std::chrono::nanoseconds span) noexcept {
    auto before = elapsed_.load();
    while (!elapsed_.compare_exchange_weak(before, before + span)) {
    }
  }

  /// Sets the time of day alone, as an administrator or NTP does; it may go back.
  void set_now(Timestamp time) noexcept {
    wall_start_.store(time - std::chrono::floor<std::chrono::milliseconds>(elapsed_.load()));
  }

 private:
  std::atomic<Timestamp> wall_start_{start};
  std::atomic<std::chrono::nanoseconds> elapsed_{std::chrono::nanoseconds::zero()};
};

static_assert(Clock<VirtualClock> && Clock<const VirtualClock>);

}  // namespace event_draft::testing
