#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "fiber.hpp"
#include "request.hpp"

namespace event_draft::simulation {

/// Virtual time, and what happens in it: fibers that go on, and effects that were late. Everything happens on one thread, in the
/// order of time; at one moment, in the order in which it was planned. So a run is a function of its seed.
class Engine {
 public:
  /// Begins anew, at time zero. Nothing may be left of the last run.
  void reset() noexcept {
    now_ = {};
    planned_ = 0;
  }

  [[nodiscard]] const std::chrono::nanoseconds& now() const noexcept { return now_; }

  /// Lets a fiber run `body`, `span` from now.
  void spawn(std::chrono::nanoseconds span, std::function<void()> body) {
    const std::size_t fiber = free_fiber();
    fibers_[fiber]->fiber.begin(std::move(body));
    fibers_[fiber]->request = nullptr;
    plan(span, fiber);
  }

  /// Does something `span` from now, outside of any fiber.
  void later(std::chrono::nanoseconds span, std::function<void()> effect) {
    effects_.push_back(std::move(effect));
    plan(span, effect_base + effects_.size() - 1);
  }

  /// Lets time pass: for the fiber that calls, or outside of any for everybody.
  void sleep(std::chrono::nanoseconds span) {
    if (current_ == none) {
      now_ += span;
      return;
    }
    const std::size_t self = current_;
    plan(span, self);
    fibers_[self]->fiber.suspend();
  }

  /// Until nothing is left to happen.
  void run() {
    while (!heap_.empty()) {
      std::pop_heap(heap_.begin(), heap_.end(), is_later);
      const Planned next = heap_.back();
      heap_.pop_back();
      now_ = std::max(now_, next.at);
      if (next.what >= effect_base) {
        effects_[next.what - effect_base]();
      } else {
        resume(next.what);
      }
    }
    effects_.clear();
  }

  /// What the code that runs now does for somebody; it stands beside the fiber.
  [[nodiscard]] Request*& request() noexcept { return current_ == none ? request_ : fibers_[current_]->request; }

 private:
  struct Planned {
    std::chrono::nanoseconds at;
    std::uint64_t order;
    std::size_t what;
  };

  struct Running {
    Fiber fiber;
    Request* request = nullptr;
  };

  static constexpr std::size_t none = ~std::size_t{0};
  static constexpr std::size_t effect_base = std::size_t{1} << 32U;

  static bool is_later(const Planned& a, const Planned& b) noexcept {
    return a.at != b.at ? a.at > b.at : a.order > b.order;
  }

  void plan(std::chrono::nanoseconds span, std::size_t what) {
    heap_.push_back({now_ + span, planned_++, what});
    std::push_heap(heap_.begin(), heap_.end(), is_later);
  }

  void resume(std::size_t fiber) {
    current_ = fiber;
    fibers_[fiber]->fiber.resume();
    current_ = none;
    if (fibers_[fiber]->fiber.is_done()) free_.push_back(fiber);
  }

  std::size_t free_fiber() {
    if (free_.empty()) {
      fibers_.push_back(std::make_unique<Running>());
      return fibers_.size() - 1;
    }
    const std::size_t fiber = free_.back();
    free_.pop_back();
    return fiber;
  }

  std::chrono::nanoseconds now_{};
  std::uint64_t planned_ = 0;
  std::vector<Planned> heap_;
  std::vector<std::function<void()>> effects_;
  std::vector<std::unique_ptr<Running>> fibers_;
  std::vector<std::size_t> free_;
  std::size_t current_ = none;
  Request* request_ = nullptr;
};

}  // namespace event_draft::simulation
