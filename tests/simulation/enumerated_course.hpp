#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <span>

#include "choices.hpp"
#include "course.hpp"
#include "fiber.hpp"

namespace event_draft::simulation {

/// Every call has every outcome, one run after the other.
class EnumeratedCourse final : public Course {
 public:
  EnumeratedCourse(Choices& choices, Statistics& counts, bool prints) noexcept
      : Course{time_, counts, prints}, choices_{choices} {}

  void arrive() override {
    if (running_ != nullptr) running_->suspend();
  }

  Way draw(PortFunction function, const Link&) override {
    Way way;
    way.there = std::chrono::milliseconds{1};
    way.mishap = choose(outcomes_of(function));
    way.arrives = false;
    return way;
  }

  bool survives_settling() override { return choose(std::array{Mishap::none, Mishap::dies_before}) == Mishap::none; }

  void sleep(std::chrono::nanoseconds span) override { time_ += span; }
  void later(std::chrono::nanoseconds, std::function<void()>) override {}  // what is late is the simulation's
  Request*& request() noexcept override { return requests_[running_ == nullptr ? 0 : which_]; }

  /// How many calls may go wrong from here on.
  void allow(int faults) noexcept { faults_left_ = faults; }

  /// Both bodies at the same time: at every call either may go on.
  void run_together(std::array<Fiber, 2>& fibers) {
    for (std::size_t each : {0U, 1U}) go_on(fibers, each);  // to its first call
    while (!fibers[0].is_done() && !fibers[1].is_done()) go_on(fibers, static_cast<std::size_t>(choices_.choose(2)));
    for (std::size_t each : {0U, 1U}) {
      while (!fibers[each].is_done()) go_on(fibers, each);
    }
  }

 private:
  /// Whether a read that failed was done is all the same, and so is when its process died.
  static std::span<const Mishap> outcomes_of(PortFunction function) noexcept {
    using enum Mishap;
    static constexpr std::array writes{none,      refused,     thrown,     applied_then_failed,
                                       timed_out, dies_before, dies_after, rejected};
    static constexpr std::array reads{none, refused, thrown, applied_then_failed, timed_out, dies_before};
    const bool is_read = function == PortFunction::get || function == PortFunction::find;
    if (is_read) return reads;
    return std::span{writes}.first(function == PortFunction::publish ? writes.size() : writes.size() - 1);
  }

  Mishap choose(std::span<const Mishap> outcomes) {
    if (faults_left_ == 0) return Mishap::none;
    const auto chosen = static_cast<std::size_t>(choices_.choose(static_cast<int>(outcomes.size())));
    if (chosen != 0) --faults_left_;
    return outcomes[chosen];
  }

  void go_on(std::array<Fiber, 2>& fibers, std::size_t which) {
    which_ = which;
    running_ = &fibers[which];
    running_->resume();
    running_ = nullptr;
  }

  Choices& choices_;
  std::chrono::nanoseconds time_{};
  int faults_left_ = 0;
  Fiber* running_ = nullptr;
  std::size_t which_ = 0;
  std::array<Request*, 2> requests_{};
};

}  // namespace event_draft::simulation
