#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <event_draft/error.hpp>

namespace event_draft {

/// The functions of the ports and of their capabilities that take a deadline.
enum class PortFunction : std::uint8_t {
  save,
  find,
  approve,
  claim,
  settle,
  remove_published,
  stats,
  parked,
  replay,
  discard,
  get,
  set,
  publish,
};

inline constexpr std::size_t port_function_count = static_cast<std::size_t>(PortFunction::publish) + 1;

[[nodiscard]] constexpr std::string_view to_string(PortFunction function) noexcept {
  constexpr std::array<std::string_view, port_function_count> names{
      "save",   "find",   "approve", "claim", "settle", "remove_published", "stats",
      "parked", "replay", "discard", "get",   "set",    "publish"};
  return names[static_cast<std::size_t>(function)];
}

/// The error of a port that could not do its part.
[[nodiscard]] constexpr Errc unavailable(PortFunction function) noexcept {
  switch (function) {
    case PortFunction::publish: return Errc::publisher_unavailable;
    case PortFunction::get:
    case PortFunction::set: return Errc::cache_unavailable;
    default: return Errc::storage_unavailable;
  }
}

}  // namespace event_draft
