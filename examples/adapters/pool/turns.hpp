#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <type_traits>

#include <event_draft/deadline.hpp>
#include <event_draft/error.hpp>

namespace event_draft::adapters {

/// As many calls at a time as there are connections; the others wait for their turn, no longer than their deadline. It stands
/// before a circuit breaker over a pool, so that the breaker never takes it for an outage that all connections are in use: that
/// says nothing of the server.
class Turns {
 public:
  explicit Turns(std::size_t at_a_time) : free_{at_a_time} {}

  /// What the call gives; `deadline_exceeded`, not applied, when its turn did not come.
  template <class Call>
  std::invoke_result_t<Call> take(Deadline deadline, Call call) {
    {
      std::unique_lock lock{mutex_};
      if (!changed_.wait_until(lock, deadline.at(), [this] { return free_ != 0; })) return Errc::deadline_exceeded;
      --free_;
    }
    const Return returned{*this};
    return call();
  }

 private:
  struct Return {
    Turns& turns;
    ~Return() {
      {
        const std::lock_guard lock{turns.mutex_};
        ++turns.free_;
      }
      turns.changed_.notify_one();
    }
  };

  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t free_;
};

}  // namespace event_draft::adapters
