#pragma once

#include <optional>
#include <type_traits>
#include <utility>

#include <event_draft/error.hpp>
#include <event_draft/port_call.hpp>

namespace event_draft {

/// A port call that is made now and awaited later, so that another can be made in between. What the call itself throws is
/// kept as its error.
template <class Call>
class PendingCall {
 public:
  explicit PendingCall(Call call) noexcept : call_{call} {}

  /// Makes the call, unless it was made before.
  template <class OnException>
  void make(OnException&& on_exception) noexcept {
    if (std::exchange(made_, true)) return;
    try {
      awaitable_.emplace(call_());
    } catch (...) {
      error_ = of_current_exception(std::forward<OnException>(on_exception));
    }
  }

  /// Is there something to be awaited? After the call was made; else there is its error.
  [[nodiscard]] bool is_under_way() const noexcept { return awaitable_.has_value(); }
  /// To be awaited once.
  [[nodiscard]] auto&& awaitable() noexcept { return *std::move(awaitable_); }
  [[nodiscard]] const Error& error() const noexcept { return error_; }

 private:
  Call call_;
  std::optional<std::invoke_result_t<Call&>> awaitable_;
  Error error_{Errc::internal_error};
  bool made_ = false;
};

}  // namespace event_draft
