#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <type_traits>

#include <event_draft/clock.hpp>
#include <event_draft/decorators/port_decorator.hpp>

namespace event_draft {

struct CircuitOptions {
  int failures =
      1;  ///< in a row that open the circuit: with 1, a port that is down costs one time-out, not one a request
  std::chrono::milliseconds open_for{1000};  ///< until one call may try whether the port is back
  std::chrono::milliseconds fair{10};        ///< a call that had less time, and ran out of it, says nothing of the port
};

/// Keeps callers from a port that is down. After `failures` in a row the circuit is open: every call fails at once, without
/// effect. When it has been open for a while one call at a time is let through as a probe; the first that succeeds closes it.
/// A failure is an error of the port's own trouble (`is_outage`), or an exception, which goes through. All functions of a port
/// share one circuit, so it is meant for caches and publishers:
/// over a repository a slow `stats` would refuse a `save`. It has no lock.
template <class Port, Clock ClockPort = const SystemClock>
class CircuitBreaking : public PortDecorator<CircuitBreaking<Port, ClockPort>, Port> {
 public:
  explicit CircuitBreaking(Port& port, CircuitOptions options = {}, ClockPort& clock = system_clock) noexcept
      : PortDecorator<CircuitBreaking, Port>{port}, options_{options}, clock_{clock} {}

  /// For whoever watches it; it may have changed by now.
  [[nodiscard]] bool is_open() const noexcept { return open_until_.load(std::memory_order_relaxed) != closed; }

 private:
  friend PortDecorator<CircuitBreaking, Port>;
  using Ticks = SteadyTime::rep;
  enum class Admission : std::uint8_t { refused, as_usual, as_probe };

  // What `open_until_` is besides a time: to a call that is not the probe, the end of the probing never comes.
  static constexpr Ticks closed = SteadyTime::min().time_since_epoch().count();
  static constexpr Ticks probing = SteadyTime::max().time_since_epoch().count();

  template <class Call>
  std::invoke_result_t<Call> around(PortFunction function, Deadline deadline, Call call) {
    const SteadyTime now = clock_.steady_now();
    const bool is_fair = deadline.remaining(now) >= options_.fair;
    const Admission admission = admit(now, is_fair);
    if (admission == Admission::refused) return Error{unavailable(function)};
    try {
      auto result = call();
      if (result || !is_outage(result.assume_error().code)) {
        succeeded(admission);
      } else if (is_fair || result.assume_error().code != Errc::deadline_exceeded) {
        failed(admission);
      }
      return result;
    } catch (...) {
      failed(admission);
      throw;
    }
  }

  Admission admit(SteadyTime now, bool is_fair) noexcept {
    Ticks until = open_until_.load(std::memory_order_acquire);
    if (until == closed) return Admission::as_usual;
    const bool is_due = is_fair && now.time_since_epoch().count() >= until;
    return is_due && open_until_.compare_exchange_strong(until, probing) ? Admission::as_probe : Admission::refused;
  }

  void succeeded(Admission admission) noexcept {
    if (failures_.load(std::memory_order_relaxed) != 0) failures_.store(0, std::memory_order_relaxed);
    if (admission == Admission::as_probe) open_until_.store(closed);
  }

  /// Of calls that fail together the first opens the circuit; the others find it open, and leave it as it is.
  void failed(Admission admission) noexcept {
    const Ticks until = Deadline::after(options_.open_for, clock_.steady_now()).at().time_since_epoch().count();
    if (admission == Admission::as_probe) {
      open_until_.store(until);
    } else if (failures_.fetch_add(1, std::memory_order_relaxed) + 1 >= options_.failures) {
      Ticks before = closed;
      open_until_.compare_exchange_strong(before, until);
    }
  }

  CircuitOptions options_;
  ClockPort& clock_;
  std::atomic<Ticks> open_until_ = closed;
  std::atomic<int> failures_ = 0;  // in a row, while it is closed
};

}  // namespace event_draft
