#pragma once

#include <optional>
#include <string>

#include "http_message.hpp"

namespace event_draft::server {

struct ResponseFraming {
  bool keep_alive = true;
  bool without_body = false;  ///< the answer to HEAD: all headers of the answer to GET, and no body
};

/// The bytes of a response. Adds `Content-Length`, `Connection`, `X-Content-Type-Options: nosniff`, and
/// `Cache-Control: no-store` unless the response has one.
/// \return nullopt if the response can't be written down: a status out of range, or a header that would end its line
[[nodiscard]] std::optional<std::string> response_text(const HttpResponse& response, ResponseFraming framing);

}  // namespace event_draft::server
