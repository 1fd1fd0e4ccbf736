#pragma once

#include <string_view>

#include "http_message.hpp"

namespace event_draft::server {

/// An answer that the transport gives by itself. The texts are literals without characters that JSON would escape.
struct HttpError {
  unsigned status;
  std::string_view code;
  std::string_view message;
};

/// `{"code":"<code>","message":"<message>"}`
[[nodiscard]] HttpResponse error_response(const HttpError& error);

/// For a request that was not looked into: with 503 the client is told when to come again.
[[nodiscard]] HttpResponse refusal_response(const HttpError& error);

}  // namespace event_draft::server
