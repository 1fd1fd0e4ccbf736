#pragma once

#include <coroutine>
#include <optional>
#include <tuple>
#include <utility>

namespace event_draft::server {

/// An operation of Asio, awaited once in a coroutine of any type, which goes on in the operation's completion handler:
/// `const auto [error, size] = co_await asio_operation<error_code, std::size_t>([&](auto handler) {
/// socket.async_read_some(buffer, handler); });`
/// It lives in the coroutine's frame, and so must the coroutine until the handler has been called or destroyed.
template <class Initiate, class... Results>
class [[nodiscard]] AsioOperation {
 public:
  explicit AsioOperation(Initiate initiate) : initiate_{std::move(initiate)} {}

  static constexpr bool await_ready() noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) {
    waiting_ = waiting;
    initiate_(Handler{this});
  }
  std::tuple<Results...> await_resume() { return *std::move(results_); }

 private:
  struct Handler {
    void operator()(Results... results) const {
      operation->results_.emplace(std::move(results)...);
      operation->waiting_.resume();
    }
    AsioOperation* operation;
  };

  Initiate initiate_;
  std::coroutine_handle<> waiting_ = nullptr;
  std::optional<std::tuple<Results...>> results_{};
};

/// Its results are what the handler is called with.
template <class... Results, class Initiate>
[[nodiscard]] AsioOperation<Initiate, Results...> asio_operation(Initiate initiate) {
  return AsioOperation<Initiate, Results...>{std::move(initiate)};
}

}  // namespace event_draft::server
