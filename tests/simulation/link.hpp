#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include <event_draft/error.hpp>
#include <event_draft/result.hpp>

#include "course.hpp"
#include "local_clock.hpp"

namespace event_draft::simulation {

/// A process's way to the backend: slow, cut, or leading nowhere since the process died.
class Link {
 public:
  Link(Course& course, const LocalClock& clock, int process) noexcept
      : course_{course}, clock_{clock}, process_{process} {}

  [[nodiscard]] Request& request() const noexcept { return *course_.request(); }
  [[nodiscard]] int process() const noexcept { return process_; }
  [[nodiscard]] const LocalClock& clock() const noexcept { return clock_; }
  [[nodiscard]] Course& course() const noexcept { return course_; }

  /// `effect` happens before the caller goes on or not at all; `late` makes a copy of it that may happen at any later time.
  template <class Effect, class Late>
  std::invoke_result_t<Effect> call(PortFunction function, Deadline deadline, Effect effect, Late late) {
    return travel(function, deadline, effect, [&](std::chrono::nanoseconds span) { course_.later(span, late()); });
  }

  /// For what changes nothing.
  template <class Effect>
  std::invoke_result_t<Effect> read(PortFunction function, Deadline deadline, Effect effect) {
    return travel(function, deadline, effect, [](std::chrono::nanoseconds) {});
  }

  [[nodiscard]] std::uint64_t draw_parts(Target target) const { return course_.draw_parts(target, *this); }

  /// False when the process is dead, or dies there.
  [[nodiscard]] bool reach_settle_later() {
    if (lives_ && !course_.survives_settling()) die();
    return lives_;
  }

  /// The broker has said to the relay that it has an event.
  void relay_has_published() noexcept { relay_published_at_ = clock_.steady_now(); }
  /// Did it say so lately?
  [[nodiscard]] bool broker_works(std::chrono::milliseconds lately) const noexcept {
    return relay_published_at_ && (request().stood_still || clock_.steady_now() - *relay_published_at_ < lately);
  }

  [[nodiscard]] bool lives() const noexcept { return lives_; }
  void die() {
    course_.trace.line("process {} dies", process_);
    lives_ = false;
  }

  [[nodiscard]] bool is_cut(Target target) const noexcept { return course_.now < cut_until(target); }
  void cut(Target target, std::chrono::nanoseconds until) noexcept {
    cut_until_[static_cast<std::size_t>(target)] = until;
  }
  void pause(std::chrono::nanoseconds until) noexcept { paused_until_ = until; }

  [[nodiscard]] bool is_healed() const noexcept { return is_healed_; }
  /// Nothing goes wrong any more.
  void heal() noexcept {
    paused_until_ = {};
    is_healed_ = true;
  }

  /// Lets time pass, and more when the process stands still.
  void sleep(std::chrono::nanoseconds span) {
    course_.sleep(span);
    while (lives_ && course_.now < paused_until_) {
      request().stood_still = true;
      course_.sleep(paused_until_ - course_.now);
    }
  }

 private:
  template <class Effect, class Delay>
  std::invoke_result_t<Effect> travel(PortFunction function, Deadline deadline, Effect& effect, Delay delay) {
    request().count_call(function);
    course_.statistics.add(Count::port_calls);
    if (!lives_) return lost(function, Certainty::unknown);
    if (deadline.expired(clock_.steady_now())) return Errc::deadline_exceeded;
    course_.arrive();
    const Way way = course_.draw(function, *this);
    tell(function, way);
    if (way.mishap == Mishap::dies_before) die();
    const auto time = clock_.until(deadline);
    if (!arrives_in_time(way, time)) return give_up(function, way, time, delay);
    sleep(way.there);
    if (!lives_ && !way.arrives) return lost(function, Certainty::unknown);
    if (is_refused(way.mishap)) return refuse(function, way.mishap);
    auto answer = effect();
    if (way.mishap == Mishap::dies_after) die();
    if (way.mishap == Mishap::twice) delay(way.detour);
    return come_back(function, way, clock_.until(deadline), answer);
  }

  static bool arrives_in_time(const Way& way, std::chrono::nanoseconds time) noexcept {
    const bool arrives = way.mishap != Mishap::lost_request && way.mishap != Mishap::late &&
                         way.mishap != Mishap::timed_out && way.mishap != Mishap::dies_before;
    return arrives && way.there < time;
  }

  /// The caller has waited in vain; what it asked for may still happen.
  template <class Delay>
  Error give_up(PortFunction function, const Way& way, std::chrono::nanoseconds time, Delay& delay) {
    if (way.mishap == Mishap::late || way.there >= time) delay(way.there + way.detour);
    sleep(way.is_noticed ? std::min(way.there, time) : time);
    if (way.is_noticed) return lost(function, Certainty::unknown);
    return {Errc::deadline_exceeded, {}, way.mishap == Mishap::timed_out ? Certainty::not_applied : Certainty::unknown};
  }

  static bool is_refused(Mishap mishap) noexcept {
    return mishap == Mishap::refused || mishap == Mishap::thrown || mishap == Mishap::rejected;
  }

  static Error refuse(PortFunction function, Mishap mishap) {
    if (mishap == Mishap::thrown) throw std::runtime_error{"injected"};
    return mishap == Mishap::rejected ? Error{Errc::event_rejected} : lost(function, Certainty::not_applied);
  }

  template <class Answer>
  Answer come_back(PortFunction function, const Way& way, std::chrono::nanoseconds time, Answer& answer) {
    if (way.mishap == Mishap::lost_reply || way.back >= time) {
      sleep(time);
      return Error{Errc::deadline_exceeded, {}, Certainty::unknown};
    }
    if (way.back.count() != 0) sleep(way.back);
    if (!lives_ || way.mishap == Mishap::applied_then_failed) return lost(function, Certainty::unknown);
    if (way.mishap == Mishap::applied_then_thrown) throw std::runtime_error{"injected"};
    return std::move(answer);
  }

  static Error lost(PortFunction function, Certainty certainty) noexcept {
    return {unavailable(function), {}, certainty};
  }

  void tell(PortFunction function, const Way& way) {
    const auto kind = static_cast<std::size_t>(way.mishap);
    course_.trace.note(static_cast<std::uint64_t>(function) << 8U | kind);
    if (way.mishap == Mishap::none) return;
    course_.trace.line("process {}: {} {}", process_, to_string(function), mishap_names[kind]);
  }

  [[nodiscard]] std::chrono::nanoseconds cut_until(Target target) const noexcept {
    return cut_until_[static_cast<std::size_t>(target)];
  }

  Course& course_;
  const LocalClock& clock_;
  int process_;
  bool lives_ = true;
  bool is_healed_ = false;
  std::chrono::nanoseconds paused_until_{};
  std::array<std::chrono::nanoseconds, target_names.size()> cut_until_{};
  std::optional<SteadyTime> relay_published_at_;
};

}  // namespace event_draft::simulation
