#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace event_draft {

/// How long an operation may take (the specification's performance goals: P95 0.5 s, cache lookup 0.05 s).
struct Budget {
  std::chrono::milliseconds request{500};
  std::chrono::milliseconds publish{
      100};  ///< of the request's, at most half, kept back for step 5: a slow save loses no event
  std::chrono::milliseconds cache{
      50};  ///< of the request's, for each step that calls the cache: it is never waited for long
};

/// What a command that differs from the user's draft in progress leads to.
enum class InProgressPolicy : std::uint8_t {
  keep,                  ///< the draft in progress comes back (the specification)
  replace_if_different,  ///< a new draft is made and takes over the user's window
};

/// When step 5 begins, in a service that awaits its ports. One that blocks has no choice: after the cache.
enum class PublishOrder : std::uint8_t {
  with_cache,   ///< as soon as the draft is stored, together with step 4, where the ports begin their work when called
  after_cache,  ///< when step 4 has ended (the specification's order)
};

struct Options {
  Budget budget{};
  InProgressPolicy in_progress = InProgressPolicy::keep;
  std::string event_source = "/event-draft";  ///< CloudEvents `source`, a URI reference
  PublishOrder publish_order = PublishOrder::with_cache;
};

/// Says, where a service is made over a repository without an outbox, that the host knows what this means: when the process
/// dies between the save and the publish, or the publish fails, nobody will send that event.
struct AcceptEventLoss {};
inline constexpr AcceptEventLoss accept_event_loss{};

}  // namespace event_draft
