#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <type_traits>
#include <utility>

#include <event_draft/backoff.hpp>
#include <event_draft/clock.hpp>
#include <event_draft/decorators/port_decorator.hpp>

namespace event_draft {

struct RetryOptions {
  int tries = 3;                                                                 ///< of one call, the first included
  Backoff backoff{std::chrono::milliseconds{5}, std::chrono::milliseconds{50}};  ///< between them
};

/// The wait of a thread that has nothing else to do.
struct Sleep {
  void operator()(std::chrono::nanoseconds span) const { std::this_thread::sleep_for(span); }
};

/// Repeats a call of the port that failed because the port was in trouble (`is_outage`): when the effect is known not to be
/// there, or the function bears repeating (`is_repeatable`). It gives up after so many tries, and before a wait that would
/// end past the deadline. An exception goes through: nobody knows what it stands for.
/// The last error counts, but once a try was in doubt its certainty is no longer `not_applied`.
template <class Port, Clock ClockPort = const SystemClock, class Wait = Sleep>
class Retrying : public PortDecorator<Retrying<Port, ClockPort, Wait>, Port> {
 public:
  /// \param wait called with a span of time from every thread that calls the port
  explicit Retrying(Port& port, RetryOptions options = {}, ClockPort& clock = system_clock, Wait wait = {})
      : PortDecorator<Retrying, Port>{port}, options_{options}, clock_{clock}, wait_{std::move(wait)} {}

 private:
  friend PortDecorator<Retrying, Port>;

  template <class Call>
  std::invoke_result_t<Call> around(PortFunction function, Deadline deadline, Call call) {
    auto result = call();
    bool in_doubt = false;
    for (int tries = 1; !result; ++tries) {
      Error& error = result.assume_error();
      in_doubt = in_doubt || error.certainty != Certainty::not_applied;
      if (tries >= options_.tries || !may_repeat(function, error) || !waited(tries, deadline)) {
        if (in_doubt && error.certainty == Certainty::not_applied) error.certainty = Certainty::unknown;
        break;
      }
      result = call();
    }
    return result;
  }

  static bool may_repeat(PortFunction function, const Error& error) noexcept {
    return is_outage(error.code) && (error.certainty == Certainty::not_applied || is_repeatable(function));
  }

  bool waited(int failures, Deadline deadline) {
    const SteadyTime now = clock_.steady_now();
    const auto random = static_cast<std::uint64_t>(now.time_since_epoch().count()) + waits_.fetch_add(1);
    const auto span = options_.backoff(failures, random);
    if (span >= deadline.remaining(now)) return false;
    wait_(span);
    return true;
  }

  RetryOptions options_;
  ClockPort& clock_;
  Wait wait_;
  std::atomic<std::uint64_t> waits_ =
      0;  // so that threads that fail at the same moment don't come back at the same one
};

}  // namespace event_draft
