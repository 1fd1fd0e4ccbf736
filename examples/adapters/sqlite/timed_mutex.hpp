#pragma once

#include <condition_variable>
#include <event_draft/deadline.hpp>
#include <mutex>

namespace event_draft::sqlite {

/// What std::timed_mutex is, by means that Clang 16's ThreadSanitizer follows: it does not know how that one waits.
class TimedMutex {
 public:
  [[nodiscard]] bool try_lock_until(SteadyTime at) {
    std::unique_lock lock{mutex_};
    if (!free_.wait_until(lock, at, [this] { return !taken_; })) return false;
    taken_ = true;
    return true;
  }

  void lock() {
    std::unique_lock lock{mutex_};
    free_.wait(lock, [this] { return !taken_; });
    taken_ = true;
  }

  void unlock() {
    {
      const std::lock_guard lock{mutex_};
      taken_ = false;
    }
    free_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable free_;
  bool taken_ = false;
};

}  // namespace event_draft::sqlite
