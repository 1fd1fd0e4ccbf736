#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace event_draft {

/// The parts of an operation that take time or can fail.
enum class Step : std::uint8_t {
  lookup,    ///< step 1: the cache is asked
  validate,  ///< step 2: the command is judged
  save,      ///< step 3: the repository stores the draft
  load,      ///< a read's look into the repository
  approve,   ///< the repository approves the draft
  cache,     ///< step 4: the draft is cached; or, in a read, cached again
  publish,   ///< step 5: the event is published
  claim,     ///< the relay asks the outbox for events that are due
  settle,    ///< the relay tells the outbox what became of them
  remove,    ///< the relay has events deleted that were published long ago
};

/// In the order in which an operation takes them.
inline constexpr std::array all_steps{Step::lookup, Step::validate, Step::save,  Step::load,   Step::approve,
                                      Step::cache,  Step::publish,  Step::claim, Step::settle, Step::remove};

[[nodiscard]] constexpr std::string_view to_string(Step step) noexcept {
  constexpr std::array<std::string_view, all_steps.size()> names{"lookup", "validate", "save",  "load",   "approve",
                                                                 "cache",  "publish",  "claim", "settle", "remove"};
  return names[static_cast<std::size_t>(step)];
}

/// A set of steps, in two bytes.
class StepSet {
 public:
  constexpr void insert(Step step) noexcept { bits_ = static_cast<std::uint16_t>(bits_ | bit(step)); }
  [[nodiscard]] constexpr bool contains(Step step) const noexcept { return (bits_ & bit(step)) != 0; }
  [[nodiscard]] constexpr bool empty() const noexcept { return bits_ == 0; }

  friend constexpr bool operator==(StepSet, StepSet) noexcept = default;

 private:
  static constexpr unsigned bit(Step step) noexcept { return 1U << static_cast<unsigned>(step); }

  std::uint16_t bits_ = 0;
};

/// How long each step took; nothing for a step that was not taken.
class StepDurations {
 public:
  constexpr void add(Step step, std::chrono::nanoseconds duration) noexcept {
    taken_.insert(step);
    durations_[static_cast<std::size_t>(step)] += duration;
  }

  [[nodiscard]] constexpr std::optional<std::chrono::nanoseconds> operator[](Step step) const noexcept {
    if (!taken_.contains(step)) return std::nullopt;
    return durations_[static_cast<std::size_t>(step)];
  }

 private:
  StepSet taken_;
  std::array<std::chrono::nanoseconds, all_steps.size()> durations_{};
};

}  // namespace event_draft
