#pragma once

#include <chrono>
#include <event_draft/task.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace event_draft::server {

/// Header names are ASCII and have no case: `Host` is `host`.
[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;

struct HttpHeader {
  std::string name;
  std::string value;  ///< without the white space around it
};

/// A whole request, checked: what reaches a handler has passed `check_request_head`.
struct HttpRequest {
  std::string method;  ///< one of `known_methods`
  std::string target;  ///< origin form, path and query as sent: `/api/events/drafts/draft-1?userId=123`
  std::vector<HttpHeader> headers{};
  std::string body{};
  std::chrono::steady_clock::time_point arrived{};  ///< when its last byte was read

  /// The first value of that name, "" when there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
};

struct ResponseHeader {
  std::string_view name;  ///< a literal
  std::string value;
};

/// `Content-Length`, `Transfer-Encoding` and `Connection` belong to the transport: a handler's own are left out.
struct HttpResponse {
  unsigned status = 200;            ///< 200 to 599
  std::string_view content_type{};  ///< a literal
  std::vector<ResponseHeader> headers{};
  std::string body{};
};

/// Runs on its event loop's thread, so it must not block; the request lives until the answer is there. An exception out of it is
/// answered with 500.
using HttpHandler = std::function<Task<HttpResponse>(const HttpRequest&)>;

/// Hears the status of each answer that the transport gives by itself, without the handler. Must not block or throw.
using RefusalHook = std::function<void(unsigned status)>;

}  // namespace event_draft::server
