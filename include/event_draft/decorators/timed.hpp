#pragma once

#include <chrono>
#include <concepts>
#include <optional>
#include <type_traits>

#include <event_draft/clock.hpp>
#include <event_draft/decorators/port_decorator.hpp>

namespace event_draft {

/// A call of a port, as a sink of `Timed` hears it.
struct TimedCall {
  PortFunction function;
  std::chrono::nanoseconds duration;
  std::optional<Error> error;  ///< nothing after a success; after an exception `port_exception`, effect unknown

  friend bool operator==(const TimedCall&, const TimedCall&) noexcept = default;
};

/// Hears every call, on the thread that made it. It must not throw, and the caller waits for it.
/// Satisfied by any histogram with such a function.
template <class T>
concept TimingSink = requires(T& sink, const TimedCall& call) {
  { sink.on_call(call) } noexcept -> std::same_as<void>;
};

/// Tells a sink of every call of the port: which function, how long, how it ended. `settle_later` is not told.
template <class Port, TimingSink Sink, Clock ClockPort = const SystemClock>
class Timed : public PortDecorator<Timed<Port, Sink, ClockPort>, Port> {
 public:
  Timed(Port& port, Sink& sink, ClockPort& clock = system_clock) noexcept
      : PortDecorator<Timed, Port>{port}, sink_{sink}, clock_{clock} {}

 private:
  friend PortDecorator<Timed, Port>;

  template <class Call>
  std::invoke_result_t<Call> around(PortFunction function, Deadline, Call call) {
    const SteadyTime began = clock_.steady_now();
    try {
      auto result = call();
      report(function, began, result ? std::nullopt : std::optional{result.assume_error()});
      return result;
    } catch (...) {
      report(function, began, Error{Errc::port_exception, {}, Certainty::unknown});
      throw;
    }
  }

  void report(PortFunction function, SteadyTime began, const std::optional<Error>& error) noexcept {
    sink_.on_call({function, clock_.steady_now() - began, error});
  }

  Sink& sink_;
  ClockPort& clock_;
};

}  // namespace event_draft
