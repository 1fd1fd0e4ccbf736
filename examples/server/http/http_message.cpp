#include "http_message.hpp"

#include <algorithm>

namespace event_draft::server {

namespace {

// Not std::tolower: a process's locale has no say in a protocol.
char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::string_view HttpRequest::header(std::string_view name) const noexcept {
  const auto found =
      std::ranges::find_if(headers, [&](const HttpHeader& header) { return equal_ignoring_case(header.name, name); });
  return found == headers.end() ? std::string_view{} : std::string_view{found->value};
}

}  // namespace event_draft::server
