#pragma once

#include <algorithm>
#include <chrono>
#include <compare>

namespace event_draft {

using SteadyTime = std::chrono::steady_clock::time_point;

/// The moment by which a port call must have returned. A call that starts past it returns `deadline_exceeded` at once.
class Deadline {
 public:
  constexpr explicit Deadline(SteadyTime at) noexcept : at_{at} {}

  /// `span` from `now`; a span past the end of time gives the end of time.
  template <class Rep, class Period>
  [[nodiscard]] static constexpr Deadline after(std::chrono::duration<Rep, Period> span, SteadyTime now) noexcept {
    using Span = std::chrono::duration<Rep, Period>;
    const bool has_end = span < std::chrono::duration_cast<Span>(SteadyTime::max() - std::max(now, SteadyTime{}));
    return Deadline{has_end ? now + std::chrono::duration_cast<SteadyTime::duration>(span) : SteadyTime::max()};
  }
  /// On the process's steady clock, for callers without a clock port of their own.
  template <class Rep, class Period>
  [[nodiscard]] static Deadline after(std::chrono::duration<Rep, Period> span) noexcept {
    return after(span, std::chrono::steady_clock::now());
  }

  [[nodiscard]] constexpr SteadyTime at() const noexcept { return at_; }

  /// Never negative.
  [[nodiscard]] constexpr std::chrono::nanoseconds remaining(SteadyTime now) const noexcept {
    return std::max<std::chrono::nanoseconds>(at_ - now, std::chrono::nanoseconds::zero());
  }
  [[nodiscard]] std::chrono::nanoseconds remaining() const noexcept {
    return remaining(std::chrono::steady_clock::now());
  }

  [[nodiscard]] constexpr bool expired(SteadyTime now) const noexcept { return now >= at_; }
  [[nodiscard]] bool expired() const noexcept { return expired(std::chrono::steady_clock::now()); }

  friend constexpr auto operator<=>(Deadline, Deadline) noexcept = default;

 private:
  SteadyTime at_;
};

}  // namespace event_draft
