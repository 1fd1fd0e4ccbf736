#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string_view>
#include <type_traits>
#include <utility>

#include <event_draft/error.hpp>
#include <event_draft/result.hpp>

#include "choices.hpp"
#include "fiber.hpp"
#include "local_clock.hpp"
#include "request.hpp"
#include "target.hpp"
#include "trace.hpp"

namespace event_draft::simulation {

/// What becomes of one call.
enum class Outcome : std::uint8_t {
  ok,
  refused,              ///< an error: not applied
  throws,               ///< an exception, not applied
  times_out,            ///< at the deadline: not applied
  dies_before,          ///< the process
  applied_then_failed,  ///< the error says "unknown"
  dies_after,
  rejected,  ///< by the broker
};

inline constexpr std::array<std::string_view, 8> outcome_names{"ok",
                                                               "refused",
                                                               "throws",
                                                               "times out",
                                                               "the process dies before",
                                                               "applied, then failed",
                                                               "the process dies after",
                                                               "rejected"};

/// What the processes of a trial share.
struct Course {
  Choices& choices;
  Trace& trace;
  std::chrono::nanoseconds& now;
  int faults_left;           ///< how many calls may still go wrong
  Fiber* running = nullptr;  ///< where operations run at the same time
};

/// A process's way to the backend on which every call has every outcome, one after the other.
class EnumeratedLink {
 public:
  EnumeratedLink(Course& course, const LocalClock& clock, int process) noexcept
      : course_{course}, clock_{clock}, process_{process} {}

  [[nodiscard]] Request& request() const noexcept { return *request_; }
  void serve(Request& request) noexcept { request_ = &request; }
  [[nodiscard]] int process() const noexcept { return process_; }
  [[nodiscard]] bool lives() const noexcept { return lives_; }
  void die() noexcept { lives_ = false; }

  [[nodiscard]] static std::uint64_t parts(Target) noexcept { return ~std::uint64_t{0}; }
  void acknowledged() noexcept { broker_works_ = broker_works_ || request().operation == Operation::relay; }
  [[nodiscard]] bool broker_works() const noexcept { return broker_works_; }

  /// It takes no time and can't fail, but the process may die there.
  bool reach_settle_later() {
    if (!lives_) return false;
    lives_ = choose(std::array{Outcome::ok, Outcome::dies_before}) == Outcome::ok;
    if (!lives_) course_.trace.line("process {}: dies before it settles", process_);
    return lives_;
  }

  template <class Effect, class Late>
  std::invoke_result_t<Effect> call(PortFunction function, Deadline deadline, Effect effect, Late) {
    using enum Outcome;
    constexpr std::array all{ok, refused, throws, times_out, dies_before, applied_then_failed, dies_after, rejected};
    if (function == PortFunction::publish) return pass(function, deadline, effect, all);
    constexpr std::array writes{ok, refused, throws, times_out, dies_before, applied_then_failed, dies_after};
    return pass(function, deadline, effect, writes);
  }

  /// Whether a read that failed was done is all the same.
  template <class Effect>
  std::invoke_result_t<Effect> read(PortFunction function, Deadline deadline, Effect effect) {
    using enum Outcome;
    constexpr std::array reads{ok, refused, throws, times_out, dies_before, applied_then_failed};
    return pass(function, deadline, effect, reads);
  }

 private:
  template <class Effect, std::size_t N>
  std::invoke_result_t<Effect> pass(PortFunction function, Deadline deadline, Effect& effect,
                                    const std::array<Outcome, N>& outcomes) {
    request().count_call(function);
    if (!lives_) return Error{unavailable(function), {}, Certainty::unknown};
    if (deadline.expired(clock_.steady_now())) return Errc::deadline_exceeded;
    if (course_.running != nullptr) course_.running->suspend();
    course_.now += std::chrono::milliseconds{1};
    const Outcome outcome = choose(outcomes);
    course_.trace.line("process {}: {} {}", process_, to_string(function),
                       outcome_names[static_cast<std::size_t>(outcome)]);
    return come_to(outcome, function, deadline, effect);
  }

  template <class Effect>
  std::invoke_result_t<Effect> come_to(Outcome outcome, PortFunction function, Deadline deadline, Effect& effect) {
    switch (outcome) {
      case Outcome::ok: return effect();
      case Outcome::refused: return Error{unavailable(function), {}, Certainty::not_applied};
      case Outcome::throws: throw std::runtime_error{"injected"};
      case Outcome::times_out: course_.now += clock_.until(deadline); return Error{Errc::deadline_exceeded};
      case Outcome::rejected: return Error{Errc::event_rejected};
      case Outcome::dies_before: lives_ = false; break;
      case Outcome::dies_after:
        static_cast<void>(effect());
        lives_ = false;
        break;
      case Outcome::applied_then_failed: static_cast<void>(effect()); break;
    }
    return Error{unavailable(function), {}, Certainty::unknown};
  }

  template <std::size_t N>
  Outcome choose(const std::array<Outcome, N>& outcomes) {
    if (course_.faults_left == 0) return Outcome::ok;
    const auto chosen = static_cast<std::size_t>(course_.choices.choose(static_cast<int>(N)));
    if (chosen != 0) --course_.faults_left;
    return outcomes[chosen];
  }

  Course& course_;
  const LocalClock& clock_;
  int process_;
  Request* request_ = nullptr;
  bool lives_ = true;
  bool broker_works_ = false;
};

}  // namespace event_draft::simulation
