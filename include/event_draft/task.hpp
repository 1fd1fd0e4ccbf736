#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <variant>

namespace event_draft {

/// A coroutine that runs when it is awaited, and goes on with whoever awaits it when it ends: for hosts that have no coroutine
/// type of their own, over whatever event loop resumes what they wait for. Destroyed while it waits, it is gone, with all that
/// it awaits.
template <class T>
class [[nodiscard]] Task {
 public:
  struct promise_type;

  Task(Task&& other) noexcept : coroutine_{std::exchange(other.coroutine_, nullptr)} {}
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task() {
    if (coroutine_) coroutine_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
    coroutine_.promise().awaiting = awaiting;
    return coroutine_;
  }
  T await_resume() { return coroutine_.promise().take(); }

  /// Runs it, from outside of any coroutine, until it waits or ends.
  void start() { coroutine_.resume(); }
  [[nodiscard]] bool is_done() const noexcept { return coroutine_.done(); }
  /// What it came to. Throws what ended it, or `std::logic_error` while it waits.
  T get() {
    if (!is_done()) throw std::logic_error{"the task still waits for something"};
    return coroutine_.promise().take();
  }

 private:
  explicit Task(std::coroutine_handle<promise_type> coroutine) noexcept : coroutine_{coroutine} {}

  struct Return {
    static bool await_ready() noexcept { return false; }
    static std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> ended) noexcept {
      return ended.promise().awaiting;
    }
    static void await_resume() noexcept {}
  };

  /// How a promise is told its value; there may be none.
  template <class Value>
  struct Outcome {
    std::variant<std::monostate, Value, std::exception_ptr> outcome;

    template <class From>
    void return_value(From&& value) {
      outcome.template emplace<1>(std::forward<From>(value));
    }
    T take() {
      if (auto* const exception = std::get_if<2>(&outcome)) std::rethrow_exception(*exception);
      return std::move(std::get<1>(outcome));
    }
  };
  struct OutcomeOfVoid {
    std::variant<std::monostate, std::monostate, std::exception_ptr> outcome;

    void return_void() noexcept {}
    void take() {
      if (auto* const exception = std::get_if<2>(&outcome)) std::rethrow_exception(*exception);
    }
  };

 public:
  struct promise_type
      : std::conditional_t<std::is_void_v<T>, std::type_identity<OutcomeOfVoid>, std::type_identity<Outcome<T>>>::type {
    std::coroutine_handle<> awaiting = std::noop_coroutine();

    Task get_return_object() noexcept { return Task{std::coroutine_handle<promise_type>::from_promise(*this)}; }
    static std::suspend_always initial_suspend() noexcept { return {}; }
    static Return final_suspend() noexcept { return {}; }
    void unhandled_exception() noexcept { this->outcome.template emplace<2>(std::current_exception()); }
  };

 private:
  std::coroutine_handle<promise_type> coroutine_;
};

}  // namespace event_draft
