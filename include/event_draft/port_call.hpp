#pragma once

#include <exception>
#include <type_traits>
#include <utility>

#include <event_draft/result.hpp>

namespace event_draft {

/// Calls a port. What it throws, of whatever type, ends here: it becomes a `port_exception` of unknown effect, and its text
/// goes to `on_exception(std::string_view)`.
template <class Call, class OnException>
[[nodiscard]] std::invoke_result_t<Call> call_port(Call&& call, OnException&& on_exception) noexcept {
  try {
    return std::forward<Call>(call)();
  } catch (const std::exception& exception) {
    on_exception(exception.what());
  } catch (...) {
    on_exception("an exception that is not a std::exception");
  }
  return Error{Errc::port_exception, {}, Certainty::unknown};
}

}  // namespace event_draft
