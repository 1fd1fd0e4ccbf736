#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <event_draft/clock.hpp>

namespace event_draft::sqlite {

/// What the database's times are: milliseconds since 1970, UTC. The database's clock is that of its one process.
[[nodiscard]] inline std::int64_t time_of_day() noexcept { return SystemClock::now().time_since_epoch().count(); }

/// A span that can be added to any time of day: neither less than none nor more than a thousand years.
[[nodiscard]] constexpr std::int64_t bounded(std::chrono::milliseconds span) noexcept {
  constexpr std::chrono::milliseconds most = std::chrono::years{1000};
  return std::clamp(span, std::chrono::milliseconds::zero(), most).count();
}

}  // namespace event_draft::sqlite
