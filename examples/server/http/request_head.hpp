#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "http_error.hpp"

namespace event_draft::server {

/// Any other is answered with 501.
inline constexpr std::array<std::string_view, 7> known_methods{"GET",    "HEAD",  "POST",   "PUT",
                                                               "DELETE", "PATCH", "OPTIONS"};

struct HeadScan {
  enum class State { incomplete, complete, malformed };

  State state;
  std::size_t size;  ///< of the head with its blank line when complete, else what need not be scanned again
};

/// Looks for the blank line that ends a request's head, and for bytes that no head may hold (control characters, a
/// carriage return or a line feed alone) before it. `scanned` is the `size` of the scan before, over fewer bytes.
[[nodiscard]] HeadScan scan_request_head(std::string_view bytes, std::size_t scanned = 0) noexcept;

/// Judges a head, blank line included, before a lenient parser sees it: all that two parsers in a row could read in
/// two ways (RFC 9112 section 11.2) is refused, though some of it would be allowed.
/// \return nullopt for a head that has exactly one meaning
[[nodiscard]] std::optional<HttpError> check_request_head(std::string_view head) noexcept;

/// A checked target's path and query: `http://127.0.0.1:8080/healthz` is `/healthz`. `*` stays as it is.
[[nodiscard]] std::string_view origin_form(std::string_view target) noexcept;

/// A host without its port: `[::1]:8080` is `[::1]`.
[[nodiscard]] std::string_view host_name(std::string_view authority) noexcept;

/// `host` or `host:port`; a host is a name, an IPv4 address or an IPv6 address in brackets.
[[nodiscard]] bool is_authority(std::string_view text) noexcept;

}  // namespace event_draft::server
