#pragma once

#include <chrono>
#include <cstdint>

#include <event_draft/error.hpp>
#include <event_draft/lease.hpp>

namespace event_draft {

/// What became of an event, from whoever has its lease. An outbox does nothing for a lease that is no longer the latest.
struct Settlement {
  enum class Fate : std::uint8_t {
    published,  ///< acknowledged by the broker: done
    retry,      ///< to be claimed again, `after` from now
    parked,     ///< taken out of delivery until somebody replays or discards it; later events of its draft wait
  };

  EventLease lease;
  Fate fate;
  std::chrono::milliseconds after{};  ///< of a retry
  bool counts = true;  ///< of a retry: was it the event's own attempt that failed, or was the broker down?
  Errc reason{};       ///< of a retry or a parked event: why it was not published

  friend constexpr bool operator==(const Settlement&, const Settlement&) noexcept = default;

  [[nodiscard]] static constexpr Settlement published(const EventLease& lease) noexcept {
    return {lease, Fate::published};
  }
  [[nodiscard]] static constexpr Settlement retry(const EventLease& lease, std::chrono::milliseconds after, bool counts,
                                                  Errc reason) noexcept {
    return {lease, Fate::retry, after, counts, reason};
  }
  [[nodiscard]] static constexpr Settlement parked(const EventLease& lease, Errc reason) noexcept {
    return {lease, Fate::parked, {}, true, reason};
  }
};

}  // namespace event_draft
