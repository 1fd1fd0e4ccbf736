#pragma once

#include <atomic>
#include <chrono>
#include <string_view>

#include <event_draft/observer.hpp>

namespace event_draft::observers {

/// Remembers whether the last save failed, and when: what a look at the repository can't tell without saving.
class SaveHealth {
 public:
  void on_step(const StepReport& report) noexcept {
    if (report.step != Step::save) return;
    failed_at_ = report.outcome == StepOutcome::failed ? Clock::now() : never;
  }
  void on_exception(Step, std::string_view) noexcept {}

  /// No save has gone well since, so after `time` one must be let try again.
  [[nodiscard]] bool failed_within(std::chrono::nanoseconds time) const noexcept {
    const Clock::time_point at = failed_at_;
    return at != never && Clock::now() - at < time;
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr Clock::time_point never = Clock::time_point::min();

  std::atomic<Clock::time_point> failed_at_ = never;
};

static_assert(Observer<SaveHealth>);

}  // namespace event_draft::observers
