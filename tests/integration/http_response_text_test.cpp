#include <doctest/doctest.h>

#include <string>

#include "http_error.hpp"
#include "response_text.hpp"

using namespace event_draft::server;

namespace {

HttpResponse plain(unsigned status = 200) { return {.status = status, .content_type = "text/plain", .body = "hello"}; }

bool contains(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a response is written down") {
  CHECK(response_text(plain(), {}).value() ==
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nConnection: keep-alive\r\n"
        "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\nhello");
}

TEST_CASE("the last response says so") {
  CHECK(contains(response_text(plain(), {.keep_alive = false}).value(), "\r\nConnection: close\r\n"));
}

TEST_CASE("the answer to HEAD has the length of the answer to GET, and no body") {
  const auto text = response_text(plain(), {.without_body = true}).value();
  CHECK(contains(text, "\r\nContent-Length: 5\r\n"));
  CHECK(text.ends_with("\r\n\r\n"));
}

TEST_CASE("204 and 304 have neither body nor length") {
  for (const unsigned status : {204U, 304U}) {
    const auto text = response_text(plain(status), {}).value();
    CHECK_FALSE(contains(text, "Content-Length"));
    CHECK(text.ends_with("\r\n\r\n"));
  }
}

TEST_CASE("a handler's headers are kept, except the transport's") {
  auto response = plain();
  response.headers = {{"cache-control", "max-age=1"},
                      {"X-Draft-Origin", "created"},
                      {"connection", "upgrade"},
                      {"Content-length", "7"},
                      {"Transfer-Encoding", "chunked"}};
  const auto text = response_text(response, {}).value();
  CHECK(contains(text, "cache-control: max-age=1\r\n"));
  CHECK(contains(text, "X-Draft-Origin: created\r\n"));
  CHECK_FALSE(contains(text, "no-store"));
  CHECK_FALSE(contains(text, "upgrade"));
  CHECK_FALSE(contains(text, "Content-length: 7"));
  CHECK_FALSE(contains(text, "chunked"));
}

TEST_CASE("what can't be written down is not") {
  for (const unsigned status : {0U, 100U, 101U, 199U, 600U, 1000U}) CHECK_FALSE(response_text(plain(status), {}));
  for (const auto& header : {ResponseHeader{"X", "a\r\nSet-Cookie: b"},
                             {"X", "a\nb"},
                             {"X", "a\rb"},
                             {"X", std::string(1, '\0')},
                             {"X\r\nY", "a"},
                             {"X Y", "a"},
                             {"", "a"},
                             {"X:", "a"}}) {
    CAPTURE(header.name);
    CAPTURE(header.value);
    auto response = plain();
    response.headers = {header};
    CHECK_FALSE(response_text(response, {}));
  }
  auto response = plain();
  response.content_type = "text/plain\r\nX: y";
  CHECK_FALSE(response_text(response, {}));
}

TEST_CASE("an error is JSON") {
  const auto response = error_response({400, "MALFORMED_REQUEST", "No."});
  CHECK(response.status == 400);
  CHECK(response.content_type == "application/json");
  CHECK(response.body == R"({"code":"MALFORMED_REQUEST","message":"No."})");
}

TEST_CASE("header names have no case") {
  const HttpRequest request{.method = "GET", .target = "/", .headers = {{"aCCept", "a"}, {"Accept", "b"}}};
  CHECK(request.header("Accept") == "a");
  CHECK(request.header("ACCEPT") == "a");
  CHECK(request.header("Accep").empty());
  CHECK(request.header("Accept-").empty());
}
