#pragma once

#include <cstddef>
#include <cstdint>

#include <event_draft/port_function.hpp>

namespace event_draft::simulation {

/// What a process talks to.
enum class Target : std::uint8_t { repository, cache, broker };

inline constexpr std::size_t target_count = 3;

[[nodiscard]] constexpr Target target_of(PortFunction function) noexcept {
  switch (function) {
    case PortFunction::publish: return Target::broker;
    case PortFunction::get:
    case PortFunction::set: return Target::cache;
    default: return Target::repository;
  }
}

}  // namespace event_draft::simulation
