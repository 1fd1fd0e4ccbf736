#pragma once

#include <condition_variable>
#include <mutex>
#include <string_view>
#include <utility>

#include <event_draft/deadline.hpp>
#include <event_draft/observer.hpp>

namespace event_draft::server {

/// Tells the relay that there is something for it. As an observer it rings by itself when a request leaves an event pending.
class RelayBell {
 public:
  /// It is remembered until it is heard.
  void ring() noexcept { change(rang_); }

  /// For good: nobody waits any more.
  void close() noexcept { change(closed_); }

  [[nodiscard]] bool is_closed() const noexcept {
    const std::lock_guard lock{mutex_};
    return closed_;
  }

  /// Whether it rang since it was last asked.
  [[nodiscard]] bool heard() noexcept {
    const std::lock_guard lock{mutex_};
    return std::exchange(rang_, false);
  }

  /// Returns at `at`, when it is closed, or when it rings.
  void wait_until(SteadyTime at) noexcept {
    std::unique_lock lock{mutex_};
    changed_.wait_until(lock, at, [&] { return closed_ || rang_; });
  }

  void on_step(const StepReport& report) noexcept {
    const bool left_to_the_relay = report.step == Step::publish && report.outcome == StepOutcome::pending;
    if (left_to_the_relay && report.operation != Operation::relay) ring();
  }
  void on_exception(Step, std::string_view) noexcept {}

 private:
  void change(bool& what) noexcept {
    {
      const std::lock_guard lock{mutex_};
      what = true;
    }
    changed_.notify_all();
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool rang_ = false;
  bool closed_ = false;
};

static_assert(Observer<RelayBell>);

}  // namespace event_draft::server
