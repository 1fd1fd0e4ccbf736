#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <utility>

#include <event_draft/clock.hpp>
#include <event_draft/port_function.hpp>
#include <event_draft/result.hpp>

namespace event_draft {

struct CircuitOptions {
  int failures =
      1;  ///< in a row that open the circuit: with 1, a port that is down costs one time-out, not one a request
  std::chrono::milliseconds open_for{1000};  ///< until one call may try whether the port is back
  std::chrono::milliseconds fair{10};        ///< a call that had less time, and ran out of it, says nothing of the port
};

/// Which calls a port gets, by how those before went. After `failures` in a row the circuit is open: nobody is let through. When
/// it has been open for a while one call at a time is, as a probe; the first that succeeds closes it. A failure is an error of the
/// port's own trouble (`is_outage`), or an exception. Thread-safe, without a lock; `CircuitBreaking` has one around a port.
template <Clock ClockPort = const SystemClock>
class Circuit {
  enum class Admission : std::uint8_t { refused, as_usual, as_probe };

 public:
  explicit Circuit(CircuitOptions options = {}, ClockPort& clock = system_clock) noexcept
      : options_{options}, clock_{clock} {}

  /// A call's way through, which is told how the call went. One that is given up says nothing of the port, but for a probe: that
  /// has failed.
  class [[nodiscard]] Pass {
   public:
    Pass(Pass&& other) noexcept
        : circuit_{std::exchange(other.circuit_, nullptr)}, admission_{other.admission_}, is_fair_{other.is_fair_} {}
    Pass& operator=(Pass&&) = delete;
    ~Pass() {
      if (circuit_ != nullptr && admission_ == Admission::as_probe) failed();
    }

    [[nodiscard]] explicit operator bool() const noexcept { return admission_ != Admission::refused; }

    template <class T>
    void ended(const Result<T>& result) noexcept {
      if (result || !is_outage(result.assume_error().code)) {
        if (Circuit* const circuit = std::exchange(circuit_, nullptr)) circuit->succeeded(admission_);
      } else if (is_fair_ || result.assume_error().code != Errc::deadline_exceeded) {
        failed();
      }
    }

    void failed() noexcept {
      if (Circuit* const circuit = std::exchange(circuit_, nullptr)) circuit->failed(admission_);
    }

   private:
    friend Circuit;
    Pass(Circuit* circuit, Admission admission, bool is_fair) noexcept
        : circuit_{circuit}, admission_{admission}, is_fair_{is_fair} {}

    Circuit* circuit_;  // nullptr: nothing is to be told
    Admission admission_;
    bool is_fair_;
  };

  /// For a call that has until then.
  [[nodiscard]] Pass pass(Deadline deadline) noexcept {
    const SteadyTime now = clock_.steady_now();
    const bool is_fair = deadline.remaining(now) >= options_.fair;
    const Admission admission = admit(now, is_fair);
    return {admission == Admission::refused ? nullptr : this, admission, is_fair};
  }

  /// For whoever watches it; it may have changed by now.
  [[nodiscard]] bool is_open() const noexcept { return open_until_.load(std::memory_order_relaxed) != closed; }

 private:
  using Ticks = SteadyTime::rep;

  // What `open_until_` is besides a time: to a call that is not the probe, the end of the probing never comes.
  static constexpr Ticks closed = SteadyTime::min().time_since_epoch().count();
  static constexpr Ticks probing = SteadyTime::max().time_since_epoch().count();

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
