#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "process.hpp"
#include "random.hpp"
#include "way.hpp"

namespace event_draft::simulation {

/// What one schedule is like: most of it is drawn at random, so that among many schedules there are some for every mixture, the
/// quiet and the hopeless too.
struct Conditions {
  bool is_calm;  ///< nothing goes wrong at all
  Setup setup;
  bool relays_apart;  ///< not every process has one that runs
  int users;
  int clients;
  int operations;                                                      ///< a client's
  int passes;                                                          ///< a relay's
  int disturbances;                                                    ///< crashes, partitions, pauses, …
  std::array<int, target_names.size()> mishaps;                        ///< in a thousand calls
  std::uint32_t kinds;                                                 ///< the mishaps that there are, as bits
  int rejections;                                                      ///< in a thousand publishes
  std::array<std::chrono::nanoseconds, target_names.size()> slowness;  ///< most of a call's way, each way
  std::chrono::nanoseconds hurry;                                      ///< most between a client's operations
  std::int64_t drift;                                                  ///< most, in a million
  std::chrono::milliseconds skew;                                      ///< most, of the time of day
};

inline Conditions draw_conditions(Random& random) {
  using std::chrono::milliseconds;
  using std::chrono::seconds;
  constexpr std::array rates{0, 0, 10, 30, 100, 300, 800};
  constexpr std::array slow{milliseconds{1}, milliseconds{1}, milliseconds{5}, milliseconds{40}, milliseconds{300}};
  Conditions drawn{};
  drawn.is_calm = random.chance(60);
  drawn.setup.policy = random.chance(500) ? InProgressPolicy::replace_if_different : InProgressPolicy::keep;
  drawn.setup.in_batches = random.chance(300);
  drawn.users = random.pick(std::array{1, 1, 2, 3});
  drawn.clients = 1 + random.below(5);
  drawn.operations = 1 + random.below(5);
  drawn.passes = 1 + random.below(4);
  drawn.hurry = random.pick(std::array{milliseconds{2}, milliseconds{20}, milliseconds{200}, milliseconds{1500}});
  for (auto& each : drawn.slowness) each = drawn.is_calm ? milliseconds{1} : random.pick(slow);
  drawn.setup.relay.batch = random.pick(std::array<std::size_t, 4>{1, 2, 3, 16});
  drawn.setup.relay.most_per_second = random.pick(std::array<std::size_t, 3>{5, 100, 20'000});
  drawn.setup.relay.lease = random.pick(std::array{milliseconds{400}, milliseconds{2000}, milliseconds{30'000}});
  drawn.setup.relay.call = random.pick(std::array{milliseconds{100}, milliseconds{500}, milliseconds{5000}});
  drawn.setup.relay.poll = random.pick(std::array{milliseconds{20}, milliseconds{200}});
  drawn.setup.relay.retention = random.pick(std::array{milliseconds{0}, milliseconds{1000}, milliseconds{86'400'000}});
  drawn.setup.relay.backoff = {milliseconds{100}, random.pick(std::array{milliseconds{500}, milliseconds{5000}})};
  drawn.setup.relay.most_attempts = random.pick(std::array{2, 3, 4, 16});
  if (drawn.is_calm) return drawn;
  drawn.relays_apart = random.chance(150);
  drawn.disturbances = random.below(6);
  for (int& each : drawn.mishaps) each = random.pick(rates);
  drawn.kinds = static_cast<std::uint32_t>(random()) | static_cast<std::uint32_t>(random());
  drawn.rejections = random.pick(std::array{0, 0, 0, 100, 700});
  drawn.drift = random.pick(std::array<std::int64_t, 3>{0, 100, 10'000});
  drawn.skew = random.pick(std::array{milliseconds{0}, milliseconds{50}, milliseconds{5000}, milliseconds{2'700'000}});
  return drawn;
}

/// Draws what becomes of a call.
inline Mishap draw_mishap(const Conditions& conditions, Target target, Random& random) {
  if (target == Target::broker && conditions.rejections != 0 && random.chance(conditions.rejections))
    return Mishap::rejected;
  const int rate = conditions.mishaps[static_cast<std::size_t>(target)];
  if (rate == 0 || !random.chance(rate)) return Mishap::none;
  const int kind = 1 + random.below(8);
  return (conditions.kinds >> static_cast<unsigned>(kind) & 1U) != 0 ? static_cast<Mishap>(kind) : Mishap::none;
}

}  // namespace event_draft::simulation
