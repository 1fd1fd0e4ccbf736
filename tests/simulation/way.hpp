#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <event_draft/port_function.hpp>

namespace event_draft::simulation {

/// What a process talks to.
enum class Target : std::uint8_t { repository, cache, broker };

inline constexpr std::array<std::string_view, 3> target_names{"repository", "cache", "broker"};

[[nodiscard]] constexpr Target target_of(PortFunction function) noexcept {
  switch (function) {
    case PortFunction::publish: return Target::broker;
    case PortFunction::get:
    case PortFunction::set: return Target::cache;
    default: return Target::repository;
  }
}

/// What goes wrong with one call.
enum class Mishap : std::uint8_t {
  none,
  refused,              ///< an error: not applied
  thrown,               ///< an exception, not applied
  applied_then_failed,  ///< the error says "unknown"
  applied_then_thrown,
  lost_request,  ///< nothing comes back before the deadline, or an error says "unknown"; not applied
  lost_reply,    ///< nothing comes back before the deadline; applied
  late,          ///< as lost_request, but applied in the end
  twice,         ///< the network delivers the call again, later
  rejected,      ///< the broker refuses the event
  timed_out,     ///< nothing comes back before the deadline, and it is certain that nothing was applied
  dies_before,   ///< the process
  dies_after,
};

inline constexpr std::array<std::string_view, 13> mishap_names{"is fine",
                                                               "is refused",
                                                               "throws",
                                                               "is applied, then fails",
                                                               "is applied, then throws",
                                                               "is lost",
                                                               "loses its answer",
                                                               "is delayed",
                                                               "arrives twice",
                                                               "is rejected",
                                                               "times out",
                                                               "comes too late: the process dies before",
                                                               "is the last: the process dies after"};

/// How one call goes.
struct Way {
  Mishap mishap = Mishap::none;
  std::chrono::nanoseconds there{};   ///< to the backend
  std::chrono::nanoseconds back{};    ///< with the answer
  std::chrono::nanoseconds detour{};  ///< of what is late, or comes again
  bool is_noticed = false;            ///< the caller hears of a lost request before its deadline
  bool arrives = true;                ///< although the process died meanwhile
};

}  // namespace event_draft::simulation
