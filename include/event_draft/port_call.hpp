#pragma once

#include <exception>
#include <type_traits>
#include <utility>

#include <event_draft/result.hpp>

namespace event_draft {

/// Within a handler, what the exception of a port means: a `port_exception` of unknown effect. Its text goes to
/// `on_exception(std::string_view)`.
template <class OnException>
[[nodiscard]] Error of_current_exception(OnException&& on_exception) noexcept {
  try {
    throw;
  } catch (const std::exception& exception) {
    on_exception(exception.what());
  } catch (...) {
    on_exception("an exception that is not a std::exception");
  }
  return {Errc::port_exception, {}, Certainty::unknown};
}

/// Calls a port. What it throws, of whatever type, ends here, as an error.
template <class Call, class OnException>
[[nodiscard]] std::invoke_result_t<Call> call_port(Call&& call, OnException&& on_exception) noexcept {
  try {
    return std::forward<Call>(call)();
  } catch (...) {
    return of_current_exception(std::forward<OnException>(on_exception));
  }
}

}  // namespace event_draft
