#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <event_draft/clock.hpp>
#include <event_draft/deadline.hpp>
#include <event_draft/port_function.hpp>
#include <event_draft/result.hpp>

namespace event_draft::testing {

/// The functions of the ports.
using Call = PortFunction;

/// What becomes of a call. Unless it says otherwise, a fault keeps the call from its port.
enum class Fault : std::uint8_t {
  none,
  delay,             ///< the port does its part, the answer comes late
  fail,              ///< an error: not applied
  fail_unknown,      ///< not applied either, but the error says `unknown`
  time_out,          ///< the deadline passes; `deadline_exceeded`, not applied
  throw_exception,   ///< a std::runtime_error("injected")
  throw_int,         ///< something that is no std::exception
  apply_then_fail,   ///< the port does its part, the answer is lost: `unknown`
  apply_then_throw,  ///< the port does its part, then a std::runtime_error("injected")
};

[[nodiscard]] constexpr std::string_view to_string(Fault fault) noexcept {
  constexpr std::array<std::string_view, 9> names{"none",         "delay",           "fail",
                                                  "fail_unknown", "time_out",        "throw_exception",
                                                  "throw_int",    "apply_then_fail", "apply_then_throw"};
  return names[static_cast<std::size_t>(fault)];
}

/// Which call goes wrong, and how; and a log of all calls. One plan may serve all ports of a test. Thread-safe.
/// A wait advances the clock if it can be advanced, and sleeps otherwise.
template <Clock ClockPort = const SystemClock>
class FaultPlan {
 public:
  struct Entry {
    Call call;
    Fault fault;
    Deadline deadline;
  };

  FaultPlan() noexcept
    requires std::same_as<ClockPort, const SystemClock>
      : FaultPlan{system_clock} {}
  explicit FaultPlan(ClockPort& clock) noexcept : clock_{clock} {}

  /// For the nth call of this function, counted from 1. The answer, or the exception, comes `late` by that much.
  FaultPlan& on(Call call, std::size_t nth, Fault fault, std::chrono::nanoseconds late = {}) {
    const std::lock_guard lock{mutex_};
    nth_.insert_or_assign({call, nth}, Planned{fault, late});
    return *this;
  }

  /// For every call of this function that `on` says nothing about.
  FaultPlan& always(Call call, Fault fault, std::chrono::nanoseconds late = {}) {
    const std::lock_guard lock{mutex_};
    always_.insert_or_assign(call, Planned{fault, late});
    return *this;
  }

  /// Calls the port through the plan; `effect` is the port's own call.
  template <class Effect>
  std::invoke_result_t<Effect> run(Call call, Deadline deadline, Effect effect) {
    const Planned planned = next(call, deadline);
    const Fault fault = planned.fault;
    std::invoke_result_t<Effect> answer = reaches_port(fault) ? effect() : refusal(call, fault);
    wait(fault == Fault::time_out ? deadline.remaining(clock_.steady_now()) : planned.late);
    if (fault == Fault::throw_int) throw 42;
    if (fault == Fault::throw_exception || fault == Fault::apply_then_throw) throw std::runtime_error{"injected"};
    if (fault == Fault::apply_then_fail) return refusal(call, fault);
    return answer;
  }

  [[nodiscard]] std::size_t count(Call call) const {
    const std::lock_guard lock{mutex_};
    const auto found = counts_.find(call);
    return found == counts_.end() ? 0 : found->second;
  }

  /// Every call in order, with the deadline that it was given.
  [[nodiscard]] std::vector<Entry> entries() const {
    const std::lock_guard lock{mutex_};
    return entries_;
  }

  /// The same on one line: `get save(apply_then_fail) save set publish`
  [[nodiscard]] std::string log() const {
    std::string text;
    for (const Entry& entry : entries()) {
      text.append(text.empty() ? "" : " ").append(to_string(entry.call));
      if (entry.fault != Fault::none) text.append("(").append(to_string(entry.fault)).append(")");
    }
    return text;
  }

 private:
  struct Planned {
    Fault fault = Fault::none;
    std::chrono::nanoseconds late{};
  };

  static constexpr bool reaches_port(Fault fault) noexcept {
    return fault == Fault::none || fault == Fault::delay || fault == Fault::apply_then_fail ||
           fault == Fault::apply_then_throw;
  }

  static constexpr Error refusal(Call call, Fault fault) noexcept {
    if (fault == Fault::time_out) return Errc::deadline_exceeded;
    const bool unknown = fault == Fault::fail_unknown || fault == Fault::apply_then_fail;
    return {unavailable(call), {}, unknown ? Certainty::unknown : Certainty::not_applied};
  }

  Planned next(Call call, Deadline deadline) {
    const std::lock_guard lock{mutex_};
    const auto nth = nth_.find({call, ++counts_[call]});
    const Planned planned = nth != nth_.end() ? nth->second : always_[call];
    entries_.push_back({call, planned.fault, deadline});
    return planned;
  }

  void wait(std::chrono::nanoseconds span) {
    if constexpr (requires { clock_.advance(span); }) {
      clock_.advance(span);
    } else {
      std::this_thread::sleep_for(span);
    }
  }

  ClockPort& clock_;
  mutable std::mutex mutex_;
  std::map<std::pair<Call, std::size_t>, Planned> nth_;
  std::map<Call, Planned> always_;
  std::map<Call, std::size_t> counts_;
  std::vector<Entry> entries_;
};

}  // namespace event_draft::testing
