#include "simulation.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include "environment.hpp"

// Random schedules of a whole system: see docs/simulation.md. A schedule that breaks a law is told step by step, with the
// command that runs it again.
namespace {

using namespace event_draft::simulation;

std::uint64_t schedule_count() { return number_from_environment("EVENT_DRAFT_SIMULATION_SCHEDULES").value_or(50'000); }

void report_failure(const Simulation& run) {
  const std::string self = std::filesystem::read_symlink("/proc/self/exe");
  fmt::print(
      "\nseed {} breaks a law: {}\nto run it again: EVENT_DRAFT_SIMULATION_SEED={} {} --test-case='one seed*'\n\n",
      run.failing_seed, run.broken, run.failing_seed, self);
  static_cast<void>(simulate(run.failing_seed, 1, true));
}

void run_schedules(std::uint64_t first, std::uint64_t count) {
  const auto began = std::chrono::steady_clock::now();
  const Simulation run = simulate(first, count);
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - began;
  fmt::print("{} schedules from seed {} on in {:.1f} s: {}\n", run.schedules, first, time.count(),
             run.statistics.text());
  if (!run.broken.empty()) report_failure(run);
  CHECK(run.broken == "");
  if (run.schedules >= 10'000) CHECK(run.statistics.missing() == "");
}

TEST_CASE("every promise holds in every schedule: the first half of the seeds") {
  run_schedules(0, schedule_count() / 2);
}

TEST_CASE("every promise holds in every schedule: the second half of the seeds") {
  run_schedules(schedule_count() / 2, schedule_count() - schedule_count() / 2);
}

TEST_CASE("one seed is one schedule: EVENT_DRAFT_SIMULATION_SEED tells it step by step") {
  const auto seed = number_from_environment("EVENT_DRAFT_SIMULATION_SEED");
  const Simulation run = simulate(seed.value_or(0), 1, seed.has_value());
  CHECK(run.broken == "");
  constexpr std::uint64_t some = 1000;
  const Simulation once = simulate(0, some);
  CHECK(once.digest == simulate(0, some).digest);
  CHECK(once.digest != simulate(1, some).digest);
}

}  // namespace
