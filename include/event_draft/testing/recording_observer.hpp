#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <event_draft/observer.hpp>

namespace event_draft::testing {

/// A `StepReport` that owns its text.
struct RecordedStep {
  Operation operation;
  Step step;
  StepOutcome outcome;
  std::chrono::nanoseconds duration;
  std::int64_t user_id;
  std::string draft_id;
  std::optional<Error> error;
};

/// Remembers what it hears, in order. For one thread.
class RecordingObserver {
 public:
  void on_step(const StepReport& report) noexcept {
    steps_.push_back({report.operation, report.step, report.outcome, report.duration, report.user_id,
                      std::string{report.draft_id}, report.error});
    say(report.step, to_string(report.outcome));
  }

  void on_exception(Step step, std::string_view what) noexcept { say(step, std::string{"threw: "}.append(what)); }

  [[nodiscard]] const std::vector<RecordedStep>& steps() const noexcept { return steps_; }

  /// All of it on one line: `lookup miss, validate ok, save threw: disk full, save failed`
  [[nodiscard]] const std::string& log() const noexcept { return log_; }

 private:
  void say(Step step, std::string_view what) {
    log_.append(log_.empty() ? "" : ", ").append(to_string(step)).append(" ").append(what);
  }

  std::vector<RecordedStep> steps_;
  std::string log_;
};

static_assert(Observer<RecordingObserver>);

}  // namespace event_draft::testing
