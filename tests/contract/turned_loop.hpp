#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <deque>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>

#include <adapters/async/loop.hpp>
#include <adapters/async/promise.hpp>
#include <event_draft/deadline.hpp>
#include <event_draft/result.hpp>
#include <event_draft/task.hpp>

namespace event_draft::testing {

/// A task that has begun to wait for it.
template <class T>
Task<Result<T>> started(adapters::Future<T> call) {
  auto task = [](adapters::Future<T> its_call) -> Task<Result<T>> {
    co_return co_await std::move(its_call);
  }(std::move(call));
  task.start();
  return task;
}

/// A loop that the test itself turns, so that it says what waits at the same time.
class TurnedLoop {
 public:
  [[nodiscard]] adapters::Loop& get() noexcept { return loop_; }
  [[nodiscard]] boost::asio::io_context& context() noexcept { return context_; }

  template <class Condition>
  void turn_until(Condition condition) {
    const Deadline patience = Deadline::after(std::chrono::seconds{30});
    while (!condition()) {
      REQUIRE_FALSE(patience.expired());
      if (context_.stopped()) context_.restart();
      context_.run_one_for(std::chrono::milliseconds{10});
    }
  }

  /// What a task comes to that was started.
  template <class T>
  T result(Task<T>& task) {
    turn_until([&] { return task.is_done(); });
    return task.get();
  }
  template <class T>
  std::vector<T> results(std::deque<Task<T>>& tasks) {
    std::vector<T> answers;
    for (auto& task : tasks) answers.push_back(result(task));
    return answers;
  }
  template <class T>
  std::vector<T> results(std::deque<Task<T>>&& tasks) {
    return results(tasks);
  }

 private:
  boost::asio::io_context context_;
  adapters::Loop loop_{context_};
};

}  // namespace event_draft::testing
