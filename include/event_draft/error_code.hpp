#pragma once

#include <string>
#include <system_error>

#include <event_draft/error.hpp>
#include <event_draft/error_message.hpp>

// For hosts whose own interfaces speak std::error_code; the library itself never uses it (it measured slower in a result).
namespace event_draft {

/// The category of every `Errc`; its name is "event_draft", its messages are English.
[[nodiscard]] inline const std::error_category& error_category() noexcept {
  class Category final : public std::error_category {
    [[nodiscard]] const char* name() const noexcept override { return "event_draft"; }
    [[nodiscard]] std::string message(int value) const override {
      const bool known =
          value >= static_cast<int>(Errc::invalid_objective) && value <= static_cast<int>(Errc::internal_error);
      return std::string{
          event_draft::message(known ? static_cast<Errc>(value) : Errc::internal_error, Language::english)};
    }
  };
  static const Category category;
  return category;
}

[[nodiscard]] inline std::error_code make_error_code(Errc code) noexcept {
  return {static_cast<int>(code), error_category()};
}

[[nodiscard]] inline std::error_code make_error_code(const Error& error) noexcept {
  return make_error_code(error.code);
}

}  // namespace event_draft

template <>
struct std::is_error_code_enum<event_draft::Errc> : std::true_type {};
