#pragma once

#include <event_draft/error.hpp>

namespace event_draft {

/// The HTTP status that an error is answered with. No other place knows one.
[[nodiscard]] constexpr unsigned http_status(Errc code) noexcept {
  switch (code) {
    case Errc::invalid_objective:
    case Errc::missing_store_info:
    case Errc::invalid_store_info:
    case Errc::invalid_user:
    case Errc::malformed_request: return 400;
    case Errc::draft_not_found: return 404;
    case Errc::storage_unavailable:
    case Errc::cache_unavailable:
    case Errc::publisher_unavailable:
    case Errc::deadline_exceeded:
    case Errc::port_exception: return 503;
    case Errc::corrupt_draft:
    case Errc::event_rejected:
    case Errc::internal_error: break;
  }
  return 500;
}

}  // namespace event_draft
