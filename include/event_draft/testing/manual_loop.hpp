#pragma once

#include <coroutine>
#include <cstddef>
#include <deque>

namespace event_draft::testing {

/// An event loop that turns by hand. What awaits `turn()` goes on when the loop runs, first come first served. It must not be
/// destroyed while it waits.
class ManualLoop {
 public:
  ManualLoop() = default;
  ManualLoop(const ManualLoop&) = delete;
  ManualLoop& operator=(const ManualLoop&) = delete;

  [[nodiscard]] auto turn() noexcept {
    struct Turn {
      ManualLoop& loop;
      static bool await_ready() noexcept { return false; }
      void await_suspend(std::coroutine_handle<> waiting) { loop.waiting_.push_back(waiting); }
      static void await_resume() noexcept {}
    };
    return Turn{*this};
  }

  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.size(); }

  /// Lets the first that waits go on.
  void run_one() {
    const auto first = waiting_.front();
    waiting_.pop_front();
    first.resume();
  }

  /// Until nobody waits.
  void run() {
    while (!waiting_.empty()) run_one();
  }

 private:
  std::deque<std::coroutine_handle<>> waiting_;
};

}  // namespace event_draft::testing
