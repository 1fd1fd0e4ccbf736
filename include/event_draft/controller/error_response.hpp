#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <event_draft/controller/api_message.hpp>
#include <event_draft/controller/content_negotiation.hpp>
#include <event_draft/controller/http_status.hpp>
#include <event_draft/detail/json_writer.hpp>

namespace event_draft {

namespace detail {

using ErrorJson = JsonWriter<1024>;  // the longest message and all fields take less than half

/// `,"fields":["storeName","address"]`. Nothing without fields, and nothing for EVENT_001, whose code says which it is.
inline void write_fields(ErrorJson& json, const Error& error) noexcept {
  if (error.fields.empty() || error.code == Errc::invalid_objective) return;
  std::string_view separator = R"(,"fields":[)";
  for (const Field field : all_fields) {
    if (!error.fields.contains(field)) continue;
    json.raw(separator).string(to_string(field));
    separator = ",";
  }
  json.raw("]");
}

/// `{"code":"EVENT_002","message":…,"fields":[…]}`
[[nodiscard]] inline ErrorJson plain_error(const Error& error, Language language) noexcept {
  ErrorJson json;
  json.raw(R"({"code":)").string(wire_code(error.code)).raw(R"(,"message":)").string(message(error.code, language));
  write_fields(json, error);
  json.raw("}");
  return json;
}

/// RFC 9457: `{"type":"urn:event-draft:error:EVENT_002","title":…,"status":400,"code":"EVENT_002","fields":[…]}`
[[nodiscard]] inline ErrorJson problem_error(const Error& error, Language language) noexcept {
  ErrorJson json;
  json.raw(R"({"type":"urn:event-draft:error:)").raw(wire_code(error.code));
  json.raw(R"(","title":)").string(message(error.code, language));
  json.raw(R"(,"status":)").number(http_status(error.code)).raw(R"(,"code":)").string(wire_code(error.code));
  write_fields(json, error);
  json.raw("}");
  return json;
}

}  // namespace detail

/// An error in the form and the language that the request asks for.
[[nodiscard]] inline ApiResponse error_response(const Error& error, const ApiRequest& request) {
  const Language language = preferred_language(request.accept_language);
  const bool problem = accepts_problem_json(request.accept);
  const auto json = problem ? detail::problem_error(error, language) : detail::plain_error(error, language);
  ApiResponse response{.status = http_status(error.code), .body = std::string{json.view()}};
  if (problem) response.content_type = "application/problem+json";
  response.headers.push_back({"Content-Language", language == Language::korean ? "ko" : "en"});
  response.headers.push_back({"Vary", "Accept, Accept-Language"});
  if (response.status == 503) response.headers.push_back({"Retry-After", "1"});
  return response;
}

/// The answer where an exception got in the way; without a body if there is no memory for one.
[[nodiscard]] inline ApiResponse internal_error_response(const ApiRequest& request) noexcept {
  try {
    return error_response(Errc::internal_error, request);
  } catch (...) {
    return {.status = http_status(Errc::internal_error)};
  }
}

}  // namespace event_draft
