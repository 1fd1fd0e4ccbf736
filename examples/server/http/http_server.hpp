#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "http_event.hpp"
#include "http_limits.hpp"
#include "http_message.hpp"

namespace event_draft::server {

struct HttpServerOptions {
  std::string address = "127.0.0.1";      ///< an IPv4 or IPv6 address to listen on
  std::uint16_t port = 0;                 ///< 0: one that is free
  std::vector<std::string> host_names{};  ///< names that clients may call it by; see `HostPolicy` for none
  std::size_t io_threads = 1;
  std::size_t worker_threads = 8;  ///< handlers that run at the same time
  HttpLimits limits{};
  IsQuick is_quick{};  ///< requests that are answered at once, on an I/O thread, however busy the workers are
  RefusalHook on_refusal{};
};

/// HTTP/1.1 and 1.0 over TCP, without TLS. Reading and writing is asynchronous, on a few threads of its own; handlers
/// run on others and may block, so neither a slow client nor a slow handler holds up anyone else.
class HttpServer {
 public:
  /// Listens at once: from here on clients can connect, and are served when `run` is called.
  /// \throws std::system_error that names the address and the reason
  HttpServer(HttpServerOptions options, HttpHandler handler, HttpEventHook hook = {});
  ~HttpServer();  ///< after `run` has returned
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept;

  /// Serves until it is stopped; once in a server's life. The calling thread is one of the I/O threads. A handler that
  /// runs is waited for even past the grace time: a thread can't be cut off, so handlers have deadlines of their own.
  void run();

  /// From any thread, any number of times, before or during or after `run`; not from within a signal handler, but from
  /// a thread that waits for signals. Clients are no longer accepted, idle ones are closed, requests under way are
  /// answered with `Connection: close`; what is left after the grace time is cut.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace event_draft::server
