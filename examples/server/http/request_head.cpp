#include "request_head.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace event_draft::server {

namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::string_view blank_line = "\r\n\r\n";
constexpr std::string_view http_scheme = "http://";

constexpr HttpError malformed(std::string_view message) noexcept { return {400, "MALFORMED_REQUEST", message}; }

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }
bool is_alphanumeric(char c) noexcept { return is_digit(c) || is_upper(c) || (c >= 'a' && c <= 'z'); }
bool is_hex(char c) noexcept { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_control(char c) noexcept { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }
bool is_visible_ascii(char c) noexcept { return c > 0x20 && c < 0x7F; }

bool is_token(std::string_view text) noexcept {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return is_alphanumeric(c) || marks.find(c) != std::string_view::npos;
  });
}

bool is_host_name(std::string_view host) noexcept {
  return !host.empty() && std::ranges::all_of(host, [](char c) {
    return is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
  });
}

bool is_bracketed_address(std::string_view host) noexcept {
  if (!host.starts_with('[') || !host.ends_with(']')) return false;
  const auto inside = host.substr(1, host.size() - 2);
  return inside.size() >= 2 && std::ranges::all_of(inside, [](char c) { return is_hex(c) || c == ':' || c == '.'; }) &&
         inside.find(':') != std::string_view::npos;
}

bool is_port(std::string_view text) noexcept {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return !text.empty() && is_digit(text.front()) && error == std::errc{} && end == text.data() + text.size();
}

std::string_view trimmed(std::string_view text) noexcept {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// Takes what stands before the separator, or all that is left, off the front.
std::string_view take_until(std::string_view& text, std::string_view separator) noexcept {
  const auto at = std::min(text.find(separator), text.size());
  const auto taken = text.substr(0, at);
  text.remove_prefix(std::min(text.size(), at + separator.size()));
  return taken;
}

// The fields that say where a request ends and whom it is for, each with how often it was there.
struct DecisiveFields {
  struct Field {
    int count = 0;
    std::string_view value;

    void add(std::string_view text) noexcept { ++count, value = text; }
  };

  Field host;
  Field content_length;
  Field transfer_encoding;
  Field expect;
  Field origin;

  void add(std::string_view name, std::string_view value) noexcept {
    if (equal_ignoring_case(name, "Host")) return host.add(value);
    if (equal_ignoring_case(name, "Content-Length")) return content_length.add(value);
    if (equal_ignoring_case(name, "Transfer-Encoding")) return transfer_encoding.add(value);
    if (equal_ignoring_case(name, "Expect")) return expect.add(value);
    if (equal_ignoring_case(name, "Origin")) return origin.add(value);
  }
};

struct RequestLine {
  std::string_view method;
  std::string_view target;
  std::string_view version;

  [[nodiscard]] bool is_http_1_1() const noexcept { return version == "HTTP/1.1"; }
};

std::optional<HttpError> check_version(std::string_view version) noexcept {
  if (version == "HTTP/1.1" || version == "HTTP/1.0") return std::nullopt;
  const bool well_formed = version.size() == 8 && version.starts_with("HTTP/") && is_digit(version[5]) &&
                           version[6] == '.' && is_digit(version[7]);
  if (!well_formed) return malformed("The request line is not: method, target, version.");
  return HttpError{505, "HTTP_VERSION_NOT_SUPPORTED", "This server speaks HTTP/1.1 and HTTP/1.0."};
}

std::optional<HttpError> check_method(std::string_view method) noexcept {
  if (std::ranges::find(known_methods, method) != known_methods.end()) return std::nullopt;
  const bool well_formed =
      !method.empty() && std::ranges::all_of(method, [](char c) { return is_upper(c) || c == '-'; });
  if (!well_formed) return malformed("The method is not a word in capitals.");
  return HttpError{501, "METHOD_NOT_IMPLEMENTED", "This server does not know the method."};
}

std::string_view authority_of(std::string_view absolute_target) noexcept {
  const auto rest = absolute_target.substr(http_scheme.size());
  return rest.substr(0, rest.find('/'));
}

bool is_absolute(std::string_view target) noexcept {
  return equal_ignoring_case(target.substr(0, http_scheme.size()), http_scheme);
}

std::optional<HttpError> check_target(const RequestLine& line, std::string_view host) noexcept {
  if (!std::ranges::all_of(line.target, is_visible_ascii))
    return malformed("The target holds bytes that must be percent-encoded.");
  if (line.target.find('#') != std::string_view::npos) return malformed("The target has a fragment.");
  if (line.target.starts_with('/')) return std::nullopt;
  if (line.target == "*" && line.method == "OPTIONS") return std::nullopt;
  // A proxy's form: fine as long as it says the same as Host, and has a path.
  const bool names_this_host = is_absolute(line.target) && !host.empty() &&
                               equal_ignoring_case(authority_of(line.target), host) &&
                               line.target.size() > http_scheme.size() + host.size();
  if (names_this_host) return std::nullopt;
  return malformed("The target is not a path of this host.");
}

std::optional<HttpError> check_host(const RequestLine& line, const DecisiveFields& fields) noexcept {
  if (fields.host.count > 1) return malformed("There is more than one Host.");
  if (fields.host.count == 0 && line.is_http_1_1()) return malformed("The Host is missing.");
  if (fields.host.count == 1 && !is_authority(fields.host.value))
    return malformed("The Host is not a host and a port.");
  return std::nullopt;
}

std::optional<HttpError> check_content_length(std::string_view value) noexcept {
  if (value.empty() || !std::ranges::all_of(value, is_digit)) return malformed("The Content-Length is not a number.");
  std::uint64_t length = 0;
  const auto parsed = std::from_chars(value.data(), value.data() + value.size(), length);
  if (parsed.ec == std::errc{}) return std::nullopt;
  return HttpError{413, "BODY_TOO_LARGE", "The body is too large."};
}

std::optional<HttpError> check_framing(const RequestLine& line, const DecisiveFields& fields) noexcept {
  const auto& length = fields.content_length;
  const auto& encoding = fields.transfer_encoding;
  if (encoding.count != 0 && length.count != 0)
    return malformed("There is both a Transfer-Encoding and a Content-Length.");
  if (length.count > 1) return malformed("There is more than one Content-Length.");
  if (length.count == 1) return check_content_length(length.value);
  if (encoding.count == 0) return std::nullopt;
  if (!line.is_http_1_1()) return malformed("HTTP/1.0 has no Transfer-Encoding.");
  if (encoding.count > 1 || !equal_ignoring_case(encoding.value, "chunked"))
    return malformed("The Transfer-Encoding is not chunked.");
  return std::nullopt;
}

std::optional<HttpError> check_expectation(const RequestLine& line, const DecisiveFields& fields) noexcept {
  if (fields.expect.count == 0 || !line.is_http_1_1()) return std::nullopt;
  if (fields.expect.count == 1 && equal_ignoring_case(fields.expect.value, "100-continue")) return std::nullopt;
  return HttpError{417, "EXPECTATION_FAILED", "The only expectation is 100-continue."};
}

}  // namespace

HeadScan scan_request_head(std::string_view bytes, std::size_t scanned) noexcept {
  using enum HeadScan::State;
  for (std::size_t i = scanned; i < bytes.size(); ++i) {
    const char c = bytes[i];
    const bool after_return = i > 0 && bytes[i - 1] == '\r';
    if (after_return != (c == '\n')) return {malformed, i};
    if (is_control(c) && c != '\r' && c != '\n' && c != '\t') return {malformed, i};
    if (c == '\n' && bytes.substr(0, i + 1).ends_with(blank_line)) return {complete, i + 1};
  }
  return {incomplete, bytes.size()};
}

std::optional<HttpError> check_request_head(std::string_view head) noexcept {
  const auto scan = scan_request_head(head);
  if (scan.state != HeadScan::State::complete || scan.size != head.size())
    return malformed("The head is not lines of text and a blank line.");

  std::string_view rest = head.substr(0, head.size() - line_end.size());
  std::string_view first = take_until(rest, line_end);
  RequestLine line{};
  line.method = take_until(first, " ");
  line.target = take_until(first, " ");
  line.version = first;
  if (line.target.empty()) return malformed("The request line is not: method, target, version.");

  DecisiveFields fields;
  while (!rest.empty()) {
    std::string_view value = take_until(rest, line_end);
    if (value.find(':') == std::string_view::npos) return malformed("A header line has no colon.");
    // A folded line begins with white space, so it fails here as white space before the colon does.
    const auto name = take_until(value, ":");
    if (!is_token(name)) return malformed("A header name is not a word.");
    fields.add(name, trimmed(value));
  }

  if (auto error = check_version(line.version)) return error;
  if (auto error = check_method(line.method)) return error;
  if (auto error = check_host(line, fields)) return error;
  if (auto error = check_target(line, fields.host.value)) return error;
  if (auto error = check_framing(line, fields)) return error;
  if (fields.origin.count > 1) return malformed("There is more than one Origin.");
  return check_expectation(line, fields);
}

std::string_view origin_form(std::string_view target) noexcept {
  return is_absolute(target) ? target.substr(http_scheme.size() + authority_of(target).size()) : target;
}

std::string_view host_name(std::string_view authority) noexcept {
  if (authority.starts_with('[')) return authority.substr(0, authority.find(']') + 1);
  return authority.substr(0, authority.find(':'));
}

bool is_authority(std::string_view text) noexcept {
  const auto host = host_name(text);
  if (!is_host_name(host) && !is_bracketed_address(host)) return false;
  const auto port = text.substr(host.size());
  return port.empty() || (port.front() == ':' && is_port(port.substr(1)));
}

}  // namespace event_draft::server
