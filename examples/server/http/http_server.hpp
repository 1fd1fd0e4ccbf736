#pragma once

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
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
  HttpLimits limits{};
  RefusalHook on_refusal{};
};

/// An event loop, and what answers the requests of its connections.
struct HttpLoop {
  std::reference_wrapper<boost::asio::io_context> context;
  HttpHandler handler;
};

/// HTTP/1.1 and 1.0 over TCP, without TLS, on the host's event loops, each with a thread of its own. Connections are dealt out to
/// them in turn, and stay there. A slow client or a handler that waits holds up nobody else.
class HttpServer {
 public:
  /// Listens at once: from here on clients can connect, and are served when `run` is called. There is at least one loop, and all outlive
  /// the server.
  /// \throws std::system_error that names the address and the reason
  HttpServer(HttpServerOptions options, std::vector<HttpLoop> loops, HttpEventHook hook = {});
  ~HttpServer();  ///< after `run` has returned
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept;

  /// Runs the loops until it is stopped, the first on the calling thread; once in a server's life. A handler that waits is waited for even past
  /// the grace time, so handlers have deadlines of their own. Then the loops are stopped, whatever else they have to do.
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
