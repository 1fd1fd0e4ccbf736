#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

#include <event_draft/clock.hpp>
#include <event_draft/observer.hpp>
#include <event_draft/options.hpp>
#include <event_draft/step.hpp>

namespace event_draft {

/// One operation under way: its deadlines, its time a step, what it went without. Steps follow each other, so where one ends
/// the next begins.
template <Clock ClockPort, Observer ObserverPort>
class Run {
 public:
  Run(Operation operation, std::int64_t user_id, const Budget& budget, ClockPort& clock,
      ObserverPort& observer) noexcept
      : operation_{operation},
        user_id_{user_id},
        clock_{clock},
        observer_{observer},
        step_began_{clock.steady_now()},
        request_deadline_{Deadline::after(budget.request, step_began_)},
        deadline_{operation != Operation::find
                      ? Deadline::after(budget.request - std::min(budget.publish, budget.request / 2), step_began_)
                      : request_deadline_},
        cache_budget_{budget.cache},
        relayed_publish_budget_{budget.request / 2} {}

  /// For publishing what nobody else will publish: the request's own.
  [[nodiscard]] Deadline publish_deadline() const noexcept { return request_deadline_; }
  /// For publishing, now, what the relay delivers otherwise: a broker that is away must not make every request late.
  [[nodiscard]] Deadline relayed_publish_deadline() const noexcept {
    return std::min(Deadline::after(relayed_publish_budget_, step_began_), request_deadline_);
  }
  /// For every other step.
  [[nodiscard]] Deadline deadline() const noexcept { return deadline_; }
  /// For a cache step that begins now: a cache that hangs must not use up the other steps' time.
  [[nodiscard]] Deadline cache_deadline() const noexcept {
    return std::min(Deadline::after(cache_budget_, step_began_), deadline_);
  }

  /// Whether the step that just ended left time for another try.
  [[nodiscard]] bool has_time() const noexcept { return !deadline_.expired(step_began_); }

  void end(Step step, StepOutcome outcome, std::string_view draft_id = {}, std::optional<Error> error = {}) noexcept {
    const SteadyTime now = clock_.steady_now();
    const auto duration = now - step_began_;
    step_began_ = now;
    durations_.add(step, duration);
    observer_.on_step({operation_, step, outcome, duration, user_id_, draft_id, error});
    if constexpr (!std::is_same_v<std::remove_const_t<ObserverPort>, NoObserver>) {
      step_began_ = clock_.steady_now();  // the observer's time is not the next step's
    }
  }

  /// A cache step that failed: the operation goes on without it.
  void degrade(Step step, const Error& error, std::string_view draft_id = {}) noexcept {
    degraded_.insert(step);
    end(step, StepOutcome::failed, draft_id, error);
  }

  [[nodiscard]] auto on_exception(Step step) noexcept {
    return [this, step](std::string_view what) noexcept { observer_.on_exception(step, what); };
  }

  [[nodiscard]] StepSet degraded() const noexcept { return degraded_; }
  [[nodiscard]] const StepDurations& durations() const noexcept { return durations_; }

 private:
  Operation operation_;
  std::int64_t user_id_;
  ClockPort& clock_;
  ObserverPort& observer_;
  SteadyTime step_began_;
  Deadline request_deadline_;
  Deadline deadline_;
  std::chrono::milliseconds cache_budget_;
  std::chrono::milliseconds relayed_publish_budget_;
  StepSet degraded_;
  StepDurations durations_;
};

}  // namespace event_draft
