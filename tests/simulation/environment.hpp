#pragma once

#include <cstdint>
#include <cstdlib>
#include <optional>

namespace event_draft::simulation {

/// A number that whoever runs the test asks for; nullopt when the variable is not set.
[[nodiscard]] inline std::optional<std::uint64_t> number_from_environment(const char* name) {
  const char* const text = std::getenv(name);
  if (text == nullptr || *text == '\0') return std::nullopt;
  return std::strtoull(text, nullptr, 10);
}

}  // namespace event_draft::simulation
