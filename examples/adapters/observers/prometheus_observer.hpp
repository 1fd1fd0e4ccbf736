#pragma once

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include <event_draft/formatters.hpp>
#include <event_draft/observer.hpp>

#include "histogram.hpp"

namespace event_draft::observers {

/// Counts every step by operation and outcome, and its duration, for Prometheus to read.
class PrometheusObserver {
 public:
  void on_step(const StepReport& report) noexcept {
    auto& step = steps_[index(report.operation)][index(report.step)];
    step.outcomes[index(report.outcome)].fetch_add(1, std::memory_order_relaxed);
    step.duration.observe(report.duration);
  }

  void on_exception(Step step, std::string_view) noexcept {
    exceptions_[index(step)].fetch_add(1, std::memory_order_relaxed);
  }

  /// Appends all samples in Prometheus text; what never happened is left out, except what alarms look at.
  void write(std::string& out) const {
    out +=
        "# HELP event_draft_steps_total Steps of the flow, by how they went.\n# TYPE event_draft_steps_total counter\n";
    for_each_step([&](Operation operation, Step step, const StepFigures& figures, bool) {
      for (std::size_t outcome = 0; outcome < outcome_count; ++outcome) {
        const auto count = figures.outcomes[outcome].load(std::memory_order_relaxed);
        if (count == 0 && !is_watched(operation, step, static_cast<StepOutcome>(outcome))) continue;
        fmt::format_to(std::back_inserter(out),
                       "event_draft_steps_total{{operation=\"{}\",step=\"{}\",outcome=\"{}\"}} {}\n", operation, step,
                       static_cast<StepOutcome>(outcome), count);
      }
    });
    out += "# HELP event_draft_step_seconds Time a step.\n# TYPE event_draft_step_seconds histogram\n";
    for_each_step([&](Operation operation, Step step, const StepFigures& figures, bool happened) {
      if (!happened) return;
      figures.duration.write(out, "event_draft_step_seconds",
                             fmt::format("operation=\"{}\",step=\"{}\"", operation, step));
    });
    out +=
        "# HELP event_draft_port_exceptions_total Exceptions that came out of a port.\n"
        "# TYPE event_draft_port_exceptions_total counter\n";
    for (const Step step : all_steps) {
      fmt::format_to(std::back_inserter(out), "event_draft_port_exceptions_total{{step=\"{}\"}} {}\n", step,
                     exceptions_[index(step)].load(std::memory_order_relaxed));
    }
  }

 private:
  static constexpr std::size_t outcome_count = static_cast<std::size_t>(StepOutcome::lost) + 1;

  struct StepFigures {
    std::array<std::atomic<std::uint64_t>, outcome_count> outcomes{};
    Histogram duration;
  };

  template <class Enum>
  static constexpr std::size_t index(Enum value) noexcept {
    return static_cast<std::size_t>(value);
  }

  /// A counter that first shows up as 1 has no increase for an alarm to see, so these begin at 0.
  static constexpr bool is_watched(Operation operation, Step step, StepOutcome outcome) noexcept {
    const bool relays = operation == Operation::relay;
    const bool failed = outcome == StepOutcome::failed;
    switch (step) {
      case Step::publish:
        if (relays) return outcome == StepOutcome::parked;
        return operation != Operation::find && (outcome == StepOutcome::lost || outcome == StepOutcome::pending);
      case Step::save: return operation == Operation::create && failed;
      case Step::load: return operation == Operation::find && failed;
      case Step::approve: return operation == Operation::approve && failed;
      case Step::lookup: return (operation == Operation::create || operation == Operation::find) && failed;
      case Step::cache: return !relays && failed;
      case Step::claim:
      case Step::settle:
      case Step::remove: return relays && failed;
      case Step::validate: break;
    }
    return false;
  }

  template <class Visit>
  void for_each_step(Visit visit) const {
    for (const Operation operation : all_operations) {
      for (const Step step : all_steps) {
        const auto& figures = steps_[index(operation)][index(step)];
        const bool happened = [&] {
          for (const auto& outcome : figures.outcomes) {
            if (outcome.load(std::memory_order_relaxed) != 0) return true;
          }
          return false;
        }();
        visit(operation, step, figures, happened);
      }
    }
  }

  std::array<std::array<StepFigures, all_steps.size()>, all_operations.size()> steps_{};
  std::array<std::atomic<std::uint64_t>, all_steps.size()> exceptions_{};
};

static_assert(Observer<PrometheusObserver>);

}  // namespace event_draft::observers
