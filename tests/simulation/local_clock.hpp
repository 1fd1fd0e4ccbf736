#pragma once

#include <chrono>
#include <cstdint>

#include <event_draft/clock.hpp>
#include <event_draft/testing/virtual_clock.hpp>

namespace event_draft::simulation {

/// How a machine's clocks differ from true time.
struct Skew {
  std::chrono::milliseconds wall{};     ///< of the time of day
  std::chrono::nanoseconds up{};        ///< how long the machine ran before time began
  std::int64_t drift_in_a_million = 0;  ///< of both clocks
};

/// A machine's clocks, as true time goes by. It goes on with the `time` that it refers to.
class LocalClock {
 public:
  explicit LocalClock(const std::chrono::nanoseconds& time, Skew skew = {}) noexcept : time_{&time}, skew_{skew} {}

  [[nodiscard]] Timestamp now() const noexcept {
    return testing::VirtualClock::start + skew_.wall + std::chrono::floor<std::chrono::milliseconds>(elapsed());
  }
  [[nodiscard]] SteadyTime steady_now() const noexcept { return SteadyTime{skew_.up + elapsed()}; }

  /// True time until this clock's steady time gets there; not negative.
  [[nodiscard]] std::chrono::nanoseconds until(Deadline deadline) const noexcept {
    const auto local = deadline.remaining(steady_now());
    if (local > std::chrono::hours{1000}) return std::chrono::hours{1000};
    return local.count() == 0 ? local
                              : local - local * skew_.drift_in_a_million / million + std::chrono::microseconds{1};
  }

  /// Sets the time of day, as an administrator or NTP does.
  void jump(std::chrono::milliseconds span) noexcept {
    skew_.wall += span;
    has_jumped_ = true;
  }
  [[nodiscard]] bool has_jumped() const noexcept { return has_jumped_; }

 private:
  static constexpr std::int64_t million = 1'000'000;

  [[nodiscard]] std::chrono::nanoseconds elapsed() const noexcept {
    return *time_ + *time_ / million * skew_.drift_in_a_million;
  }

  const std::chrono::nanoseconds* time_;
  Skew skew_;
  bool has_jumped_ = false;
};

static_assert(Clock<LocalClock> && Clock<const LocalClock>);

}  // namespace event_draft::simulation
