#include <doctest/doctest.h>

#include <string>

#include "site_guard.hpp"

using namespace event_draft::server;

namespace {

unsigned status_of_request(const HttpRequest& request, const HostPolicy& policy = {}) {
  const auto error = check_site(request, policy);
  return error ? error->status : 0;
}

unsigned status_of(const std::string& host, const std::string& origin) {
  return status_of_request({.method = "POST", .target = "/", .headers = {{"Host", host}, {"Origin", origin}}},
                           {.any_host = true});
}

unsigned status_of_host(const std::string& host, const HostPolicy& policy) {
  return status_of_request({.method = "GET", .target = "/", .headers = {{"host", host}}}, policy);
}

}  // namespace

TEST_CASE("a page of this server's own may call it") {
  CHECK(status_of("localhost:8080", "http://localhost:8080") == 0);
  CHECK(status_of("LocalHost:8080", "HTTP://LOCALHOST:8080") == 0);
  CHECK(status_of("[::1]:8080", "http://[::1]:8080") == 0);
  CHECK(status_of("example.org", "https://example.org") == 0);
  CHECK(status_of("example.org:80", "http://example.org") == 0);
  CHECK(status_of("example.org", "http://example.org:80") == 0);
  CHECK(status_of("example.org:443", "https://example.org") == 0);
}

TEST_CASE("a page of another site may not") {
  for (const auto* origin :
       {"http://evil.example", "http://localhost", "http://localhost:80800", "http://localhost:808",
        "http://localhost:8080.evil.example", "http://evil.example/localhost:8080", "null", "", "http://",
        "localhost:8080", "file://", "ftp://localhost:8080", "http://localhost:8080/", "http://x@localhost:8080",
        "http://localhost:8080, http://evil.example", "http://localhost:8080 http://evil.example"}) {
    CAPTURE(origin);
    CHECK(status_of("localhost:8080", origin) == 403);
  }
  CHECK(status_of("example.org:80", "https://example.org") == 403);
  CHECK(status_of("", "http://") == 403);
}

TEST_CASE("programs send no Origin") {
  CHECK(status_of_request({.method = "POST", .target = "/", .headers = {{"Host", "localhost"}}}) == 0);
  CHECK(status_of_request({.method = "POST", .target = "/"}) == 0);
}

TEST_CASE("a loopback server answers to no name that the web could give it") {
  for (const auto* host : {"localhost", "LOCALHOST:1", "127.0.0.1:8080", "[::1]", "10.0.0.1", ""}) {
    CAPTURE(host);
    CHECK(status_of_host(host, {}) == 0);
  }
  for (const auto* host : {"evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example",
                           "1.2.3.4x", "localhost."}) {
    CAPTURE(host);
    CHECK(status_of_host(host, {}) == 421);
    CHECK(status_of_host(host, {.any_host = true}) == 0);
  }
}

TEST_CASE("the operator's names are answered to") {
  const HostPolicy policy{.any_host = false, .names = {"drafts.example.org"}};
  CHECK(status_of_host("Drafts.Example.org:443", policy) == 0);
  CHECK(status_of_host("localhost", policy) == 0);
  CHECK(status_of_host("other.example.org", policy) == 421);
}
