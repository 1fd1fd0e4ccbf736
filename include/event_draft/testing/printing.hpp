#pragma once

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <trompeloeil.hpp>
#include <type_traits>
#include <vector>

#include <event_draft/formatters.hpp>

// How the library's types read in a failed assertion of doctest or a violated expectation of trompeloeil.
namespace event_draft::testing {

template <class T>
concept Streamable = requires(std::ostream& out, const T& value) { out << value; };

template <class T>
inline constexpr bool is_result = false;
template <class T>
inline constexpr bool is_result<Result<T>> = true;

/// Has a formatter, and no other way to be printed.
template <class T>
concept Formatted = std::is_class_v<T> && !is_result<T> && !Streamable<T> && fmt::is_formattable<T>::value;

template <Formatted T>
[[nodiscard]] std::string describe(const T& value) {
  return fmt::format("{}", value);
}

template <class T>
  requires std::is_arithmetic_v<T> || std::is_enum_v<T>
[[nodiscard]] std::string describe(T value) {
  return fmt::format("{}", value);
}

[[nodiscard]] inline std::string describe(std::string_view text) { return fmt::format("{:?}", text); }

[[nodiscard]] inline std::string describe(Timestamp time) { return std::string{to_text(time).view()}; }

[[nodiscard]] inline std::string describe(std::chrono::nanoseconds span) { return fmt::format("{} ns", span.count()); }

/// Steady times mean little by themselves, but differ visibly.
[[nodiscard]] inline std::string describe(Deadline deadline) {
  return "deadline at steady " + describe(std::chrono::nanoseconds{deadline.at().time_since_epoch()});
}

template <Formatted T>
[[nodiscard]] std::string describe(std::span<T> all) {
  return fmt::format("[{}]", fmt::join(all, "; "));
}

template <class T>
  requires requires(const T& element) { describe(element); }
[[nodiscard]] std::string describe(const std::optional<T>& value) {
  return value ? describe(*value) : "nothing";
}

template <class T>
  requires requires(const T& element) { describe(element); }
[[nodiscard]] std::string describe(const std::vector<T>& values) {
  std::string all = "[";
  for (const T& value : values) all += (all.size() == 1 ? "" : "; ") + describe(value);
  return all + "]";
}

template <class T>
  requires(std::is_void_v<T> || requires(const Result<T>& result) { describe(result.assume_value()); })
[[nodiscard]] std::string describe(const Result<T>& result) {
  if (!result) return fmt::format("error: {}", result.assume_error());
  if constexpr (std::is_void_v<T>) {
    return "ok";
  } else {
    return describe(result.assume_value());
  }
}

template <class T>
concept Described = std::is_class_v<T> && !Streamable<T> && requires(const T& value) { testing::describe(value); };

/// Names of the library's own enumerators, which doctest would print as numbers.
template <class T>
[[nodiscard]] doctest::String name_of(T enumerator) {
  const std::string_view name = to_string(enumerator);
  return {name.data(), static_cast<doctest::String::size_type>(name.size())};
}

}  // namespace event_draft::testing

// doctest finds these by argument-dependent look-up, by this name.
namespace event_draft {

inline doctest::String toString(Errc value) { return testing::name_of(value); }
inline doctest::String toString(Certainty value) { return testing::name_of(value); }
inline doctest::String toString(Field value) { return testing::name_of(value); }
inline doctest::String toString(Objective value) { return testing::name_of(value); }
inline doctest::String toString(DraftStatus value) { return testing::name_of(value); }
inline doctest::String toString(Step value) { return testing::name_of(value); }
inline doctest::String toString(StepOutcome value) { return testing::name_of(value); }
inline doctest::String toString(Operation value) { return testing::name_of(value); }
inline doctest::String toString(Origin value) { return testing::name_of(value); }
inline doctest::String toString(Approval value) { return testing::name_of(value); }
inline doctest::String toString(EventType value) { return testing::name_of(value); }
inline doctest::String toString(PortFunction value) { return testing::name_of(value); }
inline doctest::String toString(EventDelivery value) { return testing::name_of(value); }

}  // namespace event_draft

template <event_draft::testing::Described T>
struct doctest::StringMaker<T> {
  static String convert(const T& value) { return event_draft::testing::describe(value).c_str(); }
};

template <event_draft::testing::Described T>
struct trompeloeil::printer<T> {
  static void print(std::ostream& out, const T& value) { out << event_draft::testing::describe(value); }
};

template <>
struct trompeloeil::printer<event_draft::Step> {
  static void print(std::ostream& out, event_draft::Step step) { out << to_string(step); }
};
