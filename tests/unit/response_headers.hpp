#pragma once

#include <string>
#include <string_view>

#include <event_draft/controller/api_message.hpp>

namespace event_draft::test {

/// All headers, one `name: value` a line, in their order.
inline std::string headers_of(const ApiResponse& response) {
  std::string text;
  for (const auto& [name, value] : response.headers) text.append(name).append(": ").append(value).append("\n");
  return text;
}

}  // namespace event_draft::test
