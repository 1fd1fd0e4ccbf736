#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <event_draft/deadline.hpp>
#include <event_draft/observer.hpp>
#include <event_draft/port_function.hpp>
#include <event_draft/timestamp.hpp>

namespace event_draft::simulation {

/// A draft by its place in the order of their ids; no run stores more than a set of bits can hold.
using DraftIndex = std::size_t;

/// A client's operation, or a relay's passes one after the other, as the harness follows them. It outlives whatever it set in motion.
struct Request {
  Operation operation = Operation::create;
  std::int64_t user = 0;                                  ///< 0 for a relay
  int process = 0;                                        ///< that serves it
  SteadyTime began{};                                     ///< by its process's clock
  Timestamp created_at{};                                 ///< of the draft that it wants to save
  DraftIndex drafts_before = 0;                           ///< how many were stored when it began
  bool stood_still = false;                               ///< its process did, so its time says nothing
  bool disowned = false;                                  ///< answered with "nothing was applied"
  std::uint64_t stored = 0;                               ///< the drafts that its saves stored
  std::uint64_t approved = 0;                             ///< the drafts that its approvals approved
  std::array<std::uint8_t, port_function_count> calls{};  ///< of each port function
  std::size_t claimed = 0;                                ///< events, by a pass

  [[nodiscard]] int count(PortFunction function) const noexcept { return calls[static_cast<std::size_t>(function)]; }
  void count_call(PortFunction function) noexcept { ++calls[static_cast<std::size_t>(function)]; }
};

[[nodiscard]] constexpr std::uint64_t bit(DraftIndex index) noexcept { return std::uint64_t{1} << (index & 63U); }

}  // namespace event_draft::simulation
