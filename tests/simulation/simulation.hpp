#pragma once

#include <cstdint>
#include <string>

#include "schedule.hpp"

namespace event_draft::simulation {

/// What a run of many schedules came to.
struct Simulation {
  std::uint64_t schedules = 0;
  std::uint64_t failing_seed = 0;
  std::string broken = {};   ///< the law that the schedule of that seed breaks; empty when none does
  std::uint64_t digest = 0;  ///< of all traces
  Statistics statistics = {};
};

/// The schedules of the seeds from `first` on, until one breaks a law.
[[nodiscard]] inline Simulation simulate(std::uint64_t first, std::uint64_t count, bool prints = false) {
  Simulation all;
  Engine engine;
  for (std::uint64_t seed = first; seed != first + count; ++seed) {
    Schedule schedule{engine, all.statistics, seed, prints};
    const std::string& broken = schedule.run();
    ++all.schedules;
    all.digest = all.digest * 31 + schedule.digest();
    if (broken.empty()) continue;
    all.failing_seed = seed;
    all.broken = broken;
    break;
  }
  return all;
}

}  // namespace event_draft::simulation
