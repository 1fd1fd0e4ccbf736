#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include <event_draft/backoff.hpp>
#include <event_draft/error.hpp>

namespace event_draft {

struct RelayOptions {
  std::size_t batch = 256;                  ///< most events a pass
  std::size_t most_per_second = 20'000;     ///< events, so that catching up after an outage starves nobody
  std::chrono::milliseconds lease{30'000};  ///< of what a pass claims; publishing stops at half of it
  std::chrono::milliseconds call{5'000};    ///< for each call of a port
  std::chrono::milliseconds poll{200};      ///< between passes while nothing is due
  std::chrono::milliseconds retention{std::chrono::hours{24}};  ///< of published events, for whoever looks for them
  Backoff backoff{};  ///< between the attempts of an event that fails by itself
  Backoff outage{std::chrono::milliseconds{100}, std::chrono::milliseconds{500}};  ///< between passes in an outage
  int most_attempts = 16;  ///< that an event may fail by itself before it is parked; the request's is one
  std::string event_source = "/event-draft";  ///< CloudEvents `source`; the service's, so that a resend is known as one
};

/// What one pass did.
struct RelayPass {
  std::size_t claimed = 0;
  std::size_t published = 0;
  std::size_t retried = 0;  ///< put back, to be claimed again
  std::size_t parked = 0;
  std::size_t removed = 0;     ///< published long ago, deleted now
  std::optional<Error> error;  ///< the first failure of the broker or the outbox; else `event_rejected`, if one was
  std::chrono::milliseconds wait{};  ///< how long nothing is to be done, unless somebody knows of a pending event
};

}  // namespace event_draft
