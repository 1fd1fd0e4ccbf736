#pragma once

#include <atomic>
#include <chrono>

namespace event_draft::server {

/// Of what may happen any number of times, the log hears now and then. Thread-safe.
class LogInterval {
 public:
  /// Once a second at most.
  [[nodiscard]] bool is_due() noexcept {
    constexpr std::chrono::nanoseconds interval = std::chrono::seconds{1};
    const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
    auto next = next_.load(std::memory_order_relaxed);
    return now >= next && next_.compare_exchange_strong(next, now + interval.count());
  }

 private:
  std::atomic<std::chrono::nanoseconds::rep> next_ = 0;
};

}  // namespace event_draft::server
