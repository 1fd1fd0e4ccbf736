#include <doctest/doctest.h>

#include <cctype>
#include <random>
#include <string>
#include <vector>

#include "raw_client.hpp"
#include "request_head.hpp"
#include "running_server.hpp"

using namespace event_draft::server;
using namespace event_draft::testing;
using namespace std::chrono_literals;

namespace {

using Random = std::mt19937;  // its sequence is the same everywhere, so a failure can be repeated

std::size_t below(Random& random, std::size_t bound) { return random() % bound; }

// Pieces that requests are made of, in an order that makes none: it gets further into a parser than noise does.
std::string nonsense(Random& random) {
  static const std::vector<std::string> pieces{
      "GET ",
      "POST ",
      "/",
      "*",
      " HTTP/1.1",
      " HTTP/1.0",
      "\r\n",
      "\r\n\r\n",
      "\n",
      "\r",
      "Host: a",
      "Host:",
      ":",
      " ",
      "\t",
      "0",
      "5",
      "ffff",
      "5\r\n",
      "0\r\n\r\n",
      "Content-Length: 5",
      "Content-Length: ",
      "Transfer-Encoding: chunked",
      "Expect: 100-continue",
      "Connection: close",
      "Connection: ,",
      ";x=\"y",
      "hello",
      std::string(1, '\0'),
      "\xFF\xFE",
      std::string(3000, 'a'),
      "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"};
  std::string text;
  for (auto count = below(random, 12) + 1; count != 0; --count) text += pieces[below(random, pieces.size())];
  return text;
}

std::string noise(Random& random) {
  std::string text(below(random, 300), ' ');
  for (auto& c : text) c = static_cast<char>(random() & 0xFF);
  return text;
}

// A right request with a few bytes changed, taken out or doubled.
std::string nearly_right(Random& random) {
  auto text =
      random() % 2 != 0
          ? post("/path", "body", "Connection: keep-alive\r\nOrigin: http://localhost\r\n")
          : "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nX: y\r\n\r\n";
  for (auto count = below(random, 3) + 1; count != 0; --count) {
    const auto at = below(random, text.size());
    switch (random() % 3) {
      case 0: text[at] = static_cast<char>(random() & 0xFF); break;
      case 1: text.erase(at, 1); break;
      default: text.insert(at, 1, text[at]);
    }
  }
  return text;
}

// How many lines begin so, whatever the case. Not the code under test's own way of finding them.
int lines_with(std::string_view head, std::string_view start) {
  std::string lower{head};
  for (auto& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  int count = 0;
  for (auto at = lower.find("\r\n"); at != std::string::npos; at = lower.find("\r\n", at + 2)) {
    if (lower.compare(at + 2, start.size(), start) == 0) ++count;
  }
  return count;
}

std::string some_input(Random& random) {
  switch (random() % 3) {
    case 0: return nonsense(random);
    case 1: return noise(random);
    default: return nearly_right(random);
  }
}

}  // namespace

TEST_CASE("a head that is let through holds what makes its meaning certain") {
  Random random{1};
  int passed = 0;
  for (int i = 0; i < 200'000; ++i) {
    const auto text = nearly_right(random);
    const auto scan = scan_request_head(text);
    REQUIRE(scan.size <= text.size());
    if (scan.state != HeadScan::State::complete) continue;
    const auto head = std::string_view{text}.substr(0, scan.size);
    if (check_request_head(head)) continue;
    ++passed;
    REQUIRE(head.starts_with("POST "));
    REQUIRE(head.find('\0') == std::string_view::npos);
    REQUIRE(lines_with(head, "host:") == 1);
    REQUIRE(lines_with(head, "content-length:") + lines_with(head, "transfer-encoding:") <= 1);
    REQUIRE(lines_with(head, " ") + lines_with(head, "\t") == 0);
  }
  CHECK(passed > 1000);
}

TEST_CASE("whatever is sent, each answer is whole, and the server goes on") {
  RunningServer server{{.limits = {.header_time = 300ms, .body_time = 300ms, .idle_time = 300ms, .linger_time = 300ms}},
                       echo};
  Random random{2};
  for (int i = 0; i < 3'000; ++i) {
    const auto text = some_input(random);
    CAPTURE(i);
    CAPTURE(text);
    RawClient client{server.port()};
    const auto at = below(random, text.size() + 1);
    client.send(std::string_view{text}.substr(0, at));
    client.send(std::string_view{text}.substr(at));
    client.shutdown_send();
    while (const auto response = client.receive()) {
      const bool is_known = response->status == 100 || response->status == 200 || response->status >= 400;
      REQUIRE(is_known);
      REQUIRE(response->status != 500);
    }
    REQUIRE(client.is_ended());
  }
  CHECK(RawClient{server.port()}.exchange(get("/")).value().status == 200);
}
