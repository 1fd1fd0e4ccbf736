#pragma once

#include <cstdint>
#include <string_view>

#include <event_draft/field.hpp>

namespace event_draft {

/// Why an operation or a port call failed. 1 and 2 are the specification's EVENT_001 and EVENT_002.
enum class Errc : std::uint8_t {
  invalid_objective = 1,  ///< not one of the four objectives (step 2)
  missing_store_info,     ///< a store field is absent or blank (step 2); `Error::fields` names every one
  invalid_store_info,     ///< a store field is too long, not UTF-8 or has control characters
  invalid_user,           ///< the user id is not a positive 64-bit integer
  malformed_request,      ///< the request's bytes are not the JSON object that the API takes
  draft_not_found,        ///< no such draft for this user
  corrupt_draft,          ///< the repository holds a draft that breaks the domain's rules
  storage_unavailable,    ///< the repository could not do its part
  cache_unavailable,      ///< the cache could not do its part
  publisher_unavailable,  ///< the event was not acknowledged
  event_rejected,         ///< the broker refuses this event and would refuse it again: too large, not allowed
  deadline_exceeded,      ///< a port call ran out of its time
  port_exception,         ///< an exception came out of a port
  internal_error,         ///< none of the above; a defect
};

/// What is known of the effect of a call that failed. Only `unknown` needs care: the effect may be there.
enum class Certainty : std::uint8_t { not_applied, applied, unknown };

/// A failure: small, trivially copyable, made without allocation.
struct Error {
  Errc code;
  FieldSet fields{};                             ///< the request's fields at fault; may be empty
  Certainty certainty = Certainty::not_applied;  ///< of the effect that was asked for

  // Implicit on purpose: `return Errc::draft_not_found;` is how a failure is written.
  constexpr Error(Errc errc, FieldSet at = {}, Certainty effect = Certainty::not_applied) noexcept
      : code{errc}, fields{at}, certainty{effect} {}

  friend constexpr bool operator==(const Error&, const Error&) noexcept = default;
  friend constexpr bool operator==(const Error& error, Errc errc) noexcept { return error.code == errc; }
};

/// The stable code that a client sees. Only the specification's own two are of the form EVENT_nnn.
[[nodiscard]] constexpr std::string_view wire_code(Errc code) noexcept {
  switch (code) {
    case Errc::invalid_objective: return "EVENT_001";
    case Errc::missing_store_info: return "EVENT_002";
    case Errc::invalid_store_info: return "INVALID_STORE_INFO";
    case Errc::invalid_user: return "INVALID_USER";
    case Errc::malformed_request: return "MALFORMED_REQUEST";
    case Errc::draft_not_found: return "DRAFT_NOT_FOUND";
    case Errc::corrupt_draft: return "CORRUPT_DRAFT";
    case Errc::storage_unavailable: return "STORAGE_UNAVAILABLE";
    case Errc::cache_unavailable: return "CACHE_UNAVAILABLE";
    case Errc::publisher_unavailable: return "PUBLISHER_UNAVAILABLE";
    case Errc::event_rejected: return "EVENT_REJECTED";
    case Errc::deadline_exceeded: return "DEADLINE_EXCEEDED";
    case Errc::port_exception: return "PORT_EXCEPTION";
    case Errc::internal_error: break;
  }
  return "INTERNAL_ERROR";
}

[[nodiscard]] constexpr std::string_view to_string(Errc code) noexcept { return wire_code(code); }

[[nodiscard]] constexpr std::string_view to_string(Certainty certainty) noexcept {
  switch (certainty) {
    case Certainty::not_applied: return "not_applied";
    case Certainty::applied: return "applied";
    case Certainty::unknown: break;
  }
  return "unknown";
}

}  // namespace event_draft
