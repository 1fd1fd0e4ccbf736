#include "response_text.hpp"

#include <algorithm>
#include <array>
#include <ostream>  // Boost.Beast's header below needs it and does not include it
#include <string_view>

#include <boost/beast/http/status.hpp>

namespace event_draft::server {

namespace {

bool is_of_transport(std::string_view name) {
  constexpr std::array<std::string_view, 3> own{"Content-Length", "Transfer-Encoding", "Connection"};
  return std::ranges::any_of(own, [&](std::string_view other) { return equal_ignoring_case(name, other); });
}

// A value with a line end in it would let whoever chose it write headers, or a whole response, of their own.
bool is_header_value(std::string_view text) {
  return std::ranges::none_of(text,
                              [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F; });
}

bool is_header_name(std::string_view text) {
  constexpr std::string_view separators = "\"(),/:;<=>?@[\\]{} ";
  return !text.empty() && is_header_value(text) && std::ranges::none_of(text, [&](char c) {
    return c == '\t' || static_cast<unsigned char>(c) > 0x7F || separators.find(c) != std::string_view::npos;
  });
}

bool can_be_written(const HttpResponse& response) {
  return response.status >= 200 && response.status <= 599 && is_header_value(response.content_type) &&
         std::ranges::all_of(response.headers, [](const ResponseHeader& header) {
           return is_header_name(header.name) && is_header_value(header.value);
         });
}

bool has_header(const HttpResponse& response, std::string_view name) {
  return std::ranges::any_of(response.headers,
                             [&](const ResponseHeader& header) { return equal_ignoring_case(header.name, name); });
}

void append_header(std::string& text, std::string_view name, std::string_view value) {
  text.append(name).append(": ").append(value).append("\r\n");
}

void append_status_line(std::string& text, unsigned status) {
  const auto reason = boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(status));
  text.append("HTTP/1.1 ").append(std::to_string(status)).append(" ");
  text.append(reason.data(), reason.size()).append("\r\n");
}

}  // namespace

std::optional<std::string> response_text(const HttpResponse& response, ResponseFraming framing) {
  if (!can_be_written(response)) return std::nullopt;
  const bool may_have_body = response.status != 204 && response.status != 304;

  std::string text;
  text.reserve(512 + response.body.size());
  append_status_line(text, response.status);
  if (!response.content_type.empty()) append_header(text, "Content-Type", response.content_type);
  if (may_have_body) append_header(text, "Content-Length", std::to_string(response.body.size()));
  append_header(text, "Connection", framing.keep_alive ? "keep-alive" : "close");
  if (!has_header(response, "Cache-Control")) append_header(text, "Cache-Control", "no-store");
  if (!has_header(response, "X-Content-Type-Options")) append_header(text, "X-Content-Type-Options", "nosniff");
  for (const auto& header : response.headers) {
    if (!is_of_transport(header.name)) append_header(text, header.name, header.value);
  }
  text.append("\r\n");
  if (may_have_body && !framing.without_body) text.append(response.body);
  return text;
}

}  // namespace event_draft::server
