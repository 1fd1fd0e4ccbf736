#pragma once

#include <coroutine>
#include <optional>
#include <utility>

#include <event_draft/decorators/circuit.hpp>
#include <event_draft/error.hpp>

#include "promise.hpp"

namespace event_draft::adapters {

/// A call, and the circuit that hears how it went.
template <class T>
class [[nodiscard]] GuardedFuture {
 public:
  /// Of a call that was not let pass.
  explicit GuardedFuture(Errc refusal) : future_{refusal} {}
  /// Of a call that no circuit is asked about.
  explicit GuardedFuture(Future<T> future) noexcept : future_{std::move(future)} {}
  GuardedFuture(Future<T> future, Circuit<>::Pass pass) noexcept : future_{std::move(future)}, pass_{std::move(pass)} {}

  [[nodiscard]] bool await_ready() const noexcept { return future_.await_ready(); }
  void await_suspend(std::coroutine_handle<> waiting) noexcept { future_.await_suspend(waiting); }
  [[nodiscard]] Result<T> await_resume() {
    auto result = future_.await_resume();
    if (pass_) pass_->ended(result);
    return result;
  }

 private:
  Future<T> future_;
  std::optional<Circuit<>::Pass> pass_ = std::nullopt;
};

}  // namespace event_draft::adapters
