#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <future>
#include <optional>
#include <stdexcept>
#include <thread>
#include <type_traits>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <adapters/async/loop.hpp>
#include <event_draft/task.hpp>

namespace event_draft::testing {

/// An adapter that is awaited, on a loop that a thread of its own runs, for tests that block: any thread calls it and waits.
template <class Adapter>
class OnLoop {
 public:
  /// Makes `Adapter{loop, arguments...}` on the loop's thread, where it ends, too.
  template <class... Arguments>
  explicit OnLoop(Arguments&&... arguments) {
    try {
      on_thread([&] { adapter_.emplace(loop_, std::forward<Arguments>(arguments)...); });
    } catch (...) {
      end();
      throw;
    }
  }
  OnLoop(const OnLoop&) = delete;
  OnLoop& operator=(const OnLoop&) = delete;
  ~OnLoop() {
    on_thread([&] { adapter_.reset(); });
    end();
  }

  /// What `call(adapter)`, a Future<T>, comes to: a Result<T>. Throws, if it is not answered for far longer than a deadline.
  template <class Call>
  auto call(Call call) {
    using Answer = decltype(std::declval<std::invoke_result_t<Call&, Adapter&>>().await_resume());
    std::promise<Answer> promise;
    auto answer = promise.get_future();
    std::optional<Task<void>> task;  // begins and ends on the loop's thread
    on_thread([&] {
      task.emplace(answer_to(call, *adapter_, promise));
      task->start();
    });
    const bool is_answered = answer.wait_for(patience) == std::future_status::ready;
    on_thread([&] { task.reset(); });
    if (!is_answered) throw std::runtime_error{"a call has had no answer"};
    return answer.get();
  }

  /// Runs `work(adapter)` on the loop's thread.
  template <class Work>
  void run(Work work) {
    on_thread([&] { work(*adapter_); });
  }

 private:
  static constexpr std::chrono::seconds patience{30};

  template <class Call, class Answer>
  static Task<void> answer_to(Call& call, Adapter& adapter, std::promise<Answer>& promise) {
    try {
      promise.set_value(co_await call(adapter));
    } catch (...) {
      promise.set_exception(std::current_exception());
    }
  }

  template <class Work>
  void on_thread(Work work) {
    std::packaged_task<void()> task{std::ref(work)};
    auto done = task.get_future();
    boost::asio::post(context_, std::move(task));
    done.get();
  }

  void end() {
    work_.reset();
    context_.stop();
  }

  boost::asio::io_context context_{1};
  adapters::Loop loop_{context_};
  std::optional<Adapter> adapter_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{context_.get_executor()};
  std::jthread thread_{[this] { context_.run(); }};  // the last member: it ends before the others do
};

}  // namespace event_draft::testing
