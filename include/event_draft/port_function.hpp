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

/// Whether a call of unknown effect may simply be made once more: twice applied is no more than once, and the second answer
/// tells what the first would have.
[[nodiscard]] constexpr bool is_repeatable(PortFunction function) noexcept {
  switch (function) {
    case PortFunction::find:  // these only read
    case PortFunction::get:
    case PortFunction::stats:
    case PortFunction::parked:
    case PortFunction::set:               // the same values
    case PortFunction::publish:           // the same message, which consumers know by its id
    case PortFunction::settle:            // a lease is settled once, however often it is told
    case PortFunction::remove_published:  // what is old is to go, by this call or the next
      return true;
    case PortFunction::claim:  // what the first call leased would lie idle until its lease ends
    case PortFunction::save:   // the second answer would hide that the effect is this call's work
    case PortFunction::approve:
    case PortFunction::replay:
    case PortFunction::discard: break;
  }
  return false;
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

/// Whether a port that failed with this error was in trouble itself, which may pass. Any other error is its judgement of what
/// it was asked, and would be the same again.
[[nodiscard]] constexpr bool is_outage(Errc code) noexcept {
  switch (code) {
    case Errc::storage_unavailable:
    case Errc::cache_unavailable:
    case Errc::publisher_unavailable:
    case Errc::deadline_exceeded:
    case Errc::port_exception:
    case Errc::internal_error: return true;
    default: return false;
  }
}

}  // namespace event_draft
