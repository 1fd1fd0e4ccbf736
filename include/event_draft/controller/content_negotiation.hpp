#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>

#include <event_draft/error_message.hpp>

// Reads Accept and Accept-Language (RFC 9110, section 12.5). A header that breaks their grammar counts as absent.
namespace event_draft {

namespace detail {

constexpr char to_lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return to_lower(x) == to_lower(y); });
}

constexpr std::string_view trim_blanks(std::string_view text) noexcept {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// Takes what stands before the next `separator` outside of quotes, and the separator, off the front of `rest`.
constexpr std::string_view take_until(std::string_view& rest, char separator) noexcept {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < rest.size() && (quoted || rest[end] != separator); ++end) {
    if (rest[end] == '"') quoted = !quoted;
    if (rest[end] == '\\' && quoted) ++end;
  }
  const std::string_view taken = rest.substr(0, end);
  rest.remove_prefix(std::min(rest.size(), end + 1));
  return trim_blanks(taken);
}

/// A media or language range: token characters, and the slash.
constexpr bool is_range(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    const char lower = to_lower(c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view{"!#$%&'*+-.^_`|~/"}.find(c) != std::string_view::npos;
  });
}

/// A weight in thousandths: 0 to 1 with at most three decimals.
constexpr std::optional<int> parse_weight(std::string_view text) noexcept {
  const bool has_form =
      !text.empty() && text.size() <= 5 && (text[0] == '0' || text[0] == '1') && (text.size() == 1 || text[1] == '.');
  if (!has_form) return std::nullopt;
  int weight = (text[0] - '0') * 1000;
  int unit = 100;
  for (const char c : text.substr(std::min<std::size_t>(text.size(), 2))) {
    if (c < '0' || c > '9') return std::nullopt;
    weight += (c - '0') * unit;
    unit /= 10;
  }
  if (weight > 1000) return std::nullopt;
  return weight;
}

/// Takes the parameters behind a range and gives their `q`, 1000 without one; nullopt if it is no weight.
constexpr std::optional<int> take_weight(std::string_view parameters) noexcept {
  std::optional<int> weight = 1000;
  while (!parameters.empty()) {
    std::string_view value = take_until(parameters, ';');
    const std::string_view name = take_until(value, '=');
    if (equal_ignoring_case(name, "q")) weight = parse_weight(value);
    if (!weight) break;
  }
  return weight;
}

/// Calls `visit(range, weight)` for each element of the list; false at the first that breaks the grammar.
template <class Visit>
constexpr bool for_each_range(std::string_view header, Visit visit) noexcept {
  while (!header.empty()) {
    std::string_view element = take_until(header, ',');
    if (element.empty()) continue;
    const std::string_view range = take_until(element, ';');
    const auto weight = take_weight(element);
    if (!is_range(range) || !weight) return false;
    visit(range, *weight);
  }
  return true;
}

}  // namespace detail

/// Whether the client asks for RFC 9457: by name, with a weight above 0. `*/*` does not.
[[nodiscard]] constexpr bool accepts_problem_json(std::string_view accept) noexcept {
  bool accepted = false;
  const bool readable = detail::for_each_range(accept, [&](std::string_view range, int weight) {
    accepted = accepted || (weight > 0 && detail::equal_ignoring_case(range, "application/problem+json"));
  });
  return readable && accepted;
}

/// English where the client weighs it above Korean, else Korean. A region does not matter (`en-GB` is English), and `*`
/// stands for the languages that are not named.
[[nodiscard]] constexpr Language preferred_language(std::string_view accept_language) noexcept {
  std::optional<int> korean;
  std::optional<int> english;
  int other = 0;
  const auto weigh = [&](std::string_view range, int weight) {
    const std::string_view language = range.substr(0, range.find('-'));
    if (detail::equal_ignoring_case(language, "ko")) korean = std::max(korean.value_or(0), weight);
    if (detail::equal_ignoring_case(language, "en")) english = std::max(english.value_or(0), weight);
    if (range == "*") other = weight;
  };
  const bool readable = detail::for_each_range(accept_language, weigh);
  return readable && english.value_or(other) > korean.value_or(other) ? Language::english : Language::korean;
}

}  // namespace event_draft
