#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace event_draft::testing {

/// When this process did nothing at all for a while, as one whose machine stands still: such time is nobody's fault.
class Standstills {
 public:
  using Clock = std::chrono::steady_clock;

  Standstills() = default;
  Standstills(const Standstills&) = delete;
  Standstills& operator=(const Standstills&) = delete;
  ~Standstills() {
    {
      const std::lock_guard lock{mutex_};
      ends_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }

  /// The time in between that was not stood still.
  [[nodiscard]] Clock::duration without(Clock::time_point began, Clock::time_point ended) const {
    const std::lock_guard lock{mutex_};
    const auto overlap = [&](Clock::time_point from, Clock::time_point until) {
      return std::max(Clock::duration::zero(), std::min(ended, until) - std::max(began, from));
    };
    auto time = ended - began;
    for (const auto& [from, until] : all_) time -= overlap(from, until);
    if (const auto now = Clock::now(); is_standstill(now)) time -= overlap(due_, now);  // which nobody has noticed yet
    return time;
  }

 private:
  static constexpr std::chrono::milliseconds step{10};
  static constexpr std::chrono::milliseconds busy{50};  ///< what a step takes longer on a machine that works

  [[nodiscard]] bool is_standstill(Clock::time_point now) const { return now - due_ > busy; }

  void watch() {
    std::unique_lock lock{mutex_};
    while (!changed_.wait_until(lock, due_, [&] { return ends_; })) {
      const auto now = Clock::now();
      if (is_standstill(now)) all_.emplace_back(due_, now);
      due_ = now + step;
    }
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool ends_ = false;
  Clock::time_point due_ = Clock::now() + step;
  std::vector<std::pair<Clock::time_point, Clock::time_point>> all_;
  std::thread thread_{[this] { watch(); }};
};

}  // namespace event_draft::testing
