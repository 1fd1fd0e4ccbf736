#pragma once

#include <chrono>
#include <concepts>

#include <event_draft/deadline.hpp>
#include <event_draft/timestamp.hpp>

namespace event_draft {

/// The clock port: the time of day for `createdAt`, and a steady time for deadlines and durations.
/// Satisfied by `SystemClock`, and by `testing::VirtualClock`.
template <class T>
concept Clock = requires(T& clock) {
  { clock.now() } noexcept -> std::same_as<Timestamp>;
  { clock.steady_now() } noexcept -> std::same_as<SteadyTime>;
};

struct SystemClock {
  [[nodiscard]] static Timestamp now() noexcept {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }
  [[nodiscard]] static SteadyTime steady_now() noexcept { return std::chrono::steady_clock::now(); }
};

static_assert(Clock<const SystemClock>);

inline constexpr SystemClock system_clock{};

}  // namespace event_draft
