#include "http_error.hpp"

namespace event_draft::server {

HttpResponse error_response(const HttpError& error) {
  HttpResponse response{.status = error.status, .content_type = "application/json"};
  response.body.append(R"({"code":")").append(error.code);
  response.body.append(R"(","message":")").append(error.message).append(R"("})");
  return response;
}

HttpResponse refusal_response(const HttpError& error) {
  auto response = error_response(error);
  if (error.status == 503) response.headers.push_back({"Retry-After", "1"});
  return response;
}

}  // namespace event_draft::server
