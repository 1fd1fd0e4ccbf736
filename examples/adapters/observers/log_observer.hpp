#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include <event_draft/formatters.hpp>
#include <event_draft/observer.hpp>

#include "log.hpp"

namespace event_draft::observers {

/// Writes what somebody should see: a lost or parked event as an error, what failed or was damaged as a warning; all else as
/// debug.
class LogObserver {
 public:
  explicit LogObserver(Log& log) noexcept : log_{log} {}

  void on_step(const StepReport& report) noexcept {
    const auto microseconds = report.duration.count() / 1000;
    const std::string_view code = report.error ? wire_code(report.error->code) : std::string_view{};
    const std::string_view effect = report.error ? to_string(report.error->certainty) : std::string_view{};
    log_.write(level(report), "step",
               {{"operation", to_string(report.operation)},
                {"step", to_string(report.step)},
                {"outcome", to_string(report.outcome)},
                {"user", report.user_id},
                {"draft", report.draft_id},
                {"microseconds", microseconds},
                {"error", code},
                {"effect", effect}});
  }

  void on_exception(Step step, std::string_view what) noexcept {
    log_.write(LogLevel::error, "port_exception", {{"step", to_string(step)}, {"what", what}});
  }

 private:
  static constexpr LogLevel level(const StepReport& report) noexcept {
    switch (report.outcome) {
      case StepOutcome::lost:
      case StepOutcome::parked: return LogLevel::error;
      case StepOutcome::pending: return report.error ? LogLevel::warning : LogLevel::debug;
      case StepOutcome::failed:
      case StepOutcome::damaged: return LogLevel::warning;
      // A reader who asks for another's draft is an everyday thing; another's draft in a create is a defect somewhere.
      case StepOutcome::foreign: return report.operation == Operation::find ? LogLevel::debug : LogLevel::warning;
      default: return LogLevel::debug;
    }
  }

  Log& log_;
};

static_assert(Observer<LogObserver>);

}  // namespace event_draft::observers
