#pragma once

#include <chrono>
#include <cstddef>

namespace event_draft::server {

/// What one client, and all clients together, may take. Every time is of the whole step, never reset by single bytes.
struct HttpLimits {
  std::size_t header_bytes = 8 * 1024;  ///< request line and headers; more is 431
  std::size_t body_bytes = 64 * 1024;   ///< more is 413

  std::chrono::milliseconds header_time{10'000};  ///< from a request's first byte to its blank line, else 408
  std::chrono::milliseconds body_time{10'000};    ///< from the blank line to the body's last byte, else 408
  std::chrono::milliseconds write_time{10'000};   ///< for a whole response, else the connection is cut
  std::chrono::milliseconds idle_time{60'000};    ///< between requests, then the connection is closed silently

  std::size_t max_connections = 1024;  ///< more are told 503 and closed
  std::size_t max_refusals = 64;       ///< of those being told at one time; more are closed untold

  /// After a refusal the client's remaining bytes are read and thrown away up to these, so that it reads the answer
  /// and not a connection reset.
  std::chrono::milliseconds linger_time{2'000};
  std::size_t linger_bytes = 1024 * 1024;

  std::chrono::milliseconds grace_time{10'000};  ///< for the requests that are under way when the server is stopped
};

}  // namespace event_draft::server
