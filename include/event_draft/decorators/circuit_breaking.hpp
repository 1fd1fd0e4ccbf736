#pragma once

#include <type_traits>

#include <event_draft/clock.hpp>
#include <event_draft/decorators/circuit.hpp>
#include <event_draft/decorators/port_decorator.hpp>

namespace event_draft {

/// Keeps callers from a port that is down, by a `Circuit`: while it is open every call fails at once, without effect. An exception
/// goes through. All functions of a port share one circuit, so it is meant for caches and publishers: over a repository a slow
/// `stats` would refuse a `save`. It has no lock.
template <class Port, Clock ClockPort = const SystemClock>
class CircuitBreaking : public PortDecorator<CircuitBreaking<Port, ClockPort>, Port> {
 public:
  explicit CircuitBreaking(Port& port, CircuitOptions options = {}, ClockPort& clock = system_clock) noexcept
      : PortDecorator<CircuitBreaking, Port>{port}, circuit_{options, clock} {}

  /// For whoever watches it; it may have changed by now.
  [[nodiscard]] bool is_open() const noexcept { return circuit_.is_open(); }

 private:
  friend PortDecorator<CircuitBreaking, Port>;

  template <class Call>
  std::invoke_result_t<Call> around(PortFunction function, Deadline deadline, Call call) {
    auto pass = circuit_.pass(deadline);
    if (!pass) return Error{unavailable(function)};
    try {
      auto result = call();
      pass.ended(result);
      return result;
    } catch (...) {
      pass.failed();
      throw;
    }
  }

  Circuit<ClockPort> circuit_;
};

}  // namespace event_draft
