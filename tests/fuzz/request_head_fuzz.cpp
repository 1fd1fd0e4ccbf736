// Any bytes as a request's head: what `check_request_head` lets through has the one meaning that Beast sees in it.
#include "request_head.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "fuzz.hpp"

namespace server = event_draft::server;
namespace http = boost::beast::http;
using event_draft::fuzz::expect;
using server::HeadScan;

namespace {

using Parser = http::request_parser<http::string_body>;

struct Head {
  std::string_view method;
  std::string_view target;
  std::string_view version;
  std::vector<std::pair<std::string_view, std::string_view>> fields;

  [[nodiscard]] std::optional<std::string_view> field(std::string_view name) const {
    for (const auto& [each, value] : fields) {
      if (server::equal_ignoring_case(each, name)) return value;
    }
    return std::nullopt;
  }
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string_view next_line(std::string_view& rest) {
  const auto end = rest.find("\r\n");
  expect(end != std::string_view::npos, "every line has its end");
  const auto line = rest.substr(0, end);
  rest.remove_prefix(end + 2);
  return line;
}

/// The plainest reading there is: lines, the first one's three words, the others' colons.
Head read(std::string_view head) {
  const auto first = next_line(head);
  const auto space = first.find(' ');
  const auto last = first.rfind(' ');
  expect(space != std::string_view::npos && space < last, "the first line has three words");
  Head result{first.substr(0, space), first.substr(space + 1, last - space - 1), first.substr(last + 1), {}};
  for (auto line = next_line(head); !line.empty(); line = next_line(head)) {
    const auto colon = line.find(':');
    expect(colon != std::string_view::npos, "every header has a colon");
    result.fields.emplace_back(line.substr(0, colon), trimmed(line.substr(colon + 1)));
  }
  expect(head.empty(), "the head ends with its blank line");
  return result;
}

/// However the bytes come, the scan ends at the same one.
void check_scan(std::string_view bytes) {
  const auto whole = server::scan_request_head(bytes);
  HeadScan scan{HeadScan::State::incomplete, 0};
  for (std::size_t size = 0; size <= bytes.size() && scan.state == HeadScan::State::incomplete; ++size) {
    scan = server::scan_request_head(bytes.substr(0, size), scan.size);
  }
  expect(scan.state == whole.state && scan.size == whole.size, "a scan in pieces sees what one at once does");
}

template <class BeastText>
std::string_view view(const BeastText& text) {
  return {text.data(), text.size()};
}

/// Beast moves a header behind the others of its name, so their order counts within a name alone.
void check_fields(const Head& head, const Parser& parser) {
  std::ptrdiff_t count = 0;
  for (auto field = parser.get().begin(); field != parser.get().end(); ++field, ++count) {
    const auto name = view(field->name_string());
    const auto has_name = [&](const auto& each) { return server::equal_ignoring_case(each.first, name); };
    const auto before = std::count_if(parser.get().begin(), field, [&](const auto& each) {
      return server::equal_ignoring_case(view(each.name_string()), name);
    });
    auto ours = std::find_if(head.fields.begin(), head.fields.end(), has_name);
    for (auto i = before; i != 0 && ours != head.fields.end(); --i)
      ours = std::find_if(ours + 1, head.fields.end(), has_name);
    expect(ours != head.fields.end() && ours->first == name && ours->second == view(field->value()),
           "a header's value");
  }
  expect(static_cast<std::size_t>(count) == head.fields.size(), "Beast sees every header");
}

void check_framing(const Head& head, const Parser& parser) {
  const auto length = head.field("Content-Length");
  expect(parser.chunked() == head.field("Transfer-Encoding").has_value(), "chunked exactly where it says so");
  expect(parser.content_length().has_value() == length.has_value(), "a length exactly where there is one");
  std::uint64_t bytes = 0;
  if (length) std::from_chars(length->data(), length->data() + length->size(), bytes);
  if (length) expect(*parser.content_length() == bytes, "the same length");
  expect(parser.is_done() == (!parser.chunked() && bytes == 0), "a body exactly where one is announced");
  // Beast knows the last word of a Connection header only as a whole list; these two are beyond doubt.
  if (!head.field("Connection")) expect(parser.keep_alive() == (head.version == "HTTP/1.1"), "as the version has it");
  if (head.field("Connection") == "close") expect(!parser.keep_alive(), "closed where the client asks for it");
}

void check_beast(std::string_view text, const Head& head) {
  Parser parser;
  parser.header_limit(1U << 20U);
  parser.body_limit(boost::none);
  boost::beast::error_code error;
  const auto read_bytes = parser.put(boost::asio::buffer(text.data(), text.size()), error);
  if (error && error != http::error::need_more) return;  // refused by the session, too
  expect(parser.is_header_done() && read_bytes == text.size(), "Beast reads the head and no more");
  expect(view(parser.get().method_string()) == head.method, "Beast sees the method");
  expect(view(parser.get().target()) == head.target, "Beast sees the target");
  expect((parser.get().version() == 11) == (head.version == "HTTP/1.1"), "Beast sees the version");
  check_fields(head, parser);
  check_framing(head, parser);
}

void check_target(const Head& head) {
  const auto path = server::origin_form(head.target);
  expect(path == "*" || path.starts_with('/'), "what is asked for is a path");
  const auto host = head.field("Host");
  if (host) expect(server::is_authority(*host) && !server::host_name(*host).empty(), "the host is one");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = event_draft::fuzz::text_of(data, size);
  check_scan(bytes);
  const auto scan = server::scan_request_head(bytes);
  const auto text = bytes.substr(0, scan.size);
  if (server::check_request_head(text)) return 0;
  expect(scan.state == HeadScan::State::complete, "only a whole head passes");
  const Head head = read(text);
  check_beast(text, head);
  check_target(head);
  return 0;
}
