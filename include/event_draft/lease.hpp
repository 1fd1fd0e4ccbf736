#pragma once

#include <chrono>
#include <cstdint>

#include <event_draft/event_id.hpp>

namespace event_draft {

/// What an outbox gives to whoever may publish an event for a while, and to nobody else: a new one for each claim.
enum class LeaseToken : std::int64_t {};

/// The right to publish an event and to say what became of it, until the lease ends and somebody else has claimed it.
struct EventLease {
  EventId event;
  LeaseToken token;

  friend constexpr bool operator==(const EventLease&, const EventLease&) noexcept = default;
};

/// How long an event that is stored with its draft is kept from the relay, so that the request publishes it itself: twice
/// the time that a request has by default (`Budget`).
inline constexpr std::chrono::milliseconds inline_event_lease{1000};

}  // namespace event_draft
