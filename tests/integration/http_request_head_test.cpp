#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "request_head.hpp"

using namespace event_draft::server;
using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

// 0 for a head that is let through.
unsigned status_of(std::string_view head) {
  const auto error = check_request_head(head);
  return error ? error->status : 0;
}

std::string with_fields(std::string_view fields, std::string_view line = "POST / HTTP/1.1") {
  return std::string{line}.append("\r\n").append(fields).append("\r\n");
}

std::string with_host(std::string_view fields) { return with_fields("Host: localhost\r\n"s.append(fields)); }

std::string with_line(std::string_view line) { return with_fields("Host: localhost\r\n", line); }

}  // namespace

TEST_CASE("heads of one meaning are let through") {
  for (const auto& head : {
           with_host(""),
           with_host("Content-Length: 0\r\n"),
           with_host("Content-Length: 18446744073709551615\r\n"),
           with_host("content-length:\t 5 \t\r\n"),
           with_host("Transfer-Encoding: chunked\r\n"),
           with_host("transfer-encoding:Chunked \r\n"),
           with_host("Expect: 100-continue\r\n"),
           with_host("X-Text: caf\xC3\xA9, \"quoted\"\ttab\r\n"),
           with_host("X-Empty:\r\n"),
           with_host("!#$%&'*+-.^_`|~09azAZ: every token mark\r\n"),
           with_fields("", "GET / HTTP/1.0"),
           with_fields("Host: localhost\r\n", "GET / HTTP/1.0"),
           with_fields("Expect: anything\r\n", "GET / HTTP/1.0"),
       }) {
    CAPTURE(head);
    CHECK(status_of(head) == 0);
  }
}

TEST_CASE("a head is lines of text that end in CRLF, and a blank line at its end only") {
  for (const auto& head : {
           ""s,
           "\r\n"s,
           "\r\n\r\n"s,
           "GET / HTTP/1.1"s,
           "GET / HTTP/1.1\r\n"s,
           "GET / HTTP/1.1\r\nHost: localhost\r\n"s,
           "GET / HTTP/1.1\nHost: localhost\n\n"s,
           "GET / HTTP/1.1\r\nHost: localhost\n\r\n"s,
           "GET / HTTP/1.1\r\nHost: localhost\r\r\n\r\n"s,
           "GET / HTTP/1.1\r\nHost: localhost\rX: y\r\n\r\n"s,
           "\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n"s,
           "\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n"s,
           with_host("") + "x",
           with_host("") + with_host(""),
           with_host("X: a\0b\r\n"s),
           with_host("X\0: a\r\n"s),
           with_host("X: \x01\r\n"),
           with_host("X: \x7F\r\n"),
           with_host("X: \x1B[31m\r\n"),
           with_line("GET /\0 HTTP/1.1"s),
       }) {
    CAPTURE(head);
    CHECK(status_of(head) == 400);
  }
}

TEST_CASE("a header line is a word, a colon at once, a value") {
  for (const auto* fields : {"no colon\r\n", ": no name\r\n", "X : y\r\n", "X\t: y\r\n", " X: y\r\n", "\tX: y\r\n",
                             "X: y\r\n folded\r\n", "X: y\r\n\tfolded\r\n", "X: y\r\n : folded\r\n", "X Y: z\r\n",
                             "X(Y): z\r\n", "X\xC3\xA9: z\r\n", "\"X\": y\r\n", "Content-Length : 5\r\n",
                             "Transfer-Encoding : chunked\r\n", "Content-Length\r\n", "X/Y: z\r\n"}) {
    CAPTURE(fields);
    CHECK(status_of(with_host(fields)) == 400);
  }
}

TEST_CASE("the request line is method, target, version, with one space between") {
  for (const auto* line :
       {"", "GET", "GET /", "GET / ", "GET  / HTTP/1.1", "GET /  HTTP/1.1", " GET / HTTP/1.1", "GET / HTTP/1.1 ",
        "GET\t/ HTTP/1.1", "GET /\tHTTP/1.1", "GET / x HTTP/1.1", "GET / http/1.1", "GET / HTTP/1", "GET / HTTP/1.10",
        "GET / HTTP/01.1", "GET / HTTP/1,1", "GET / HTTPS/1.1", "GET / HTTP/a.b", "GET HTTP/1.1"}) {
    CAPTURE(line);
    CHECK(status_of(with_line(line)) == 400);
  }
}

TEST_CASE("versions, and what HTTP/2 clients say first") {
  CHECK(status_of(with_line("GET / HTTP/1.1")) == 0);
  CHECK(status_of(with_line("GET / HTTP/1.0")) == 0);
  for (const auto* version : {"0.9", "1.2", "2.0", "3.0", "9.9"}) {
    CAPTURE(version);
    CHECK(status_of(with_line("GET / HTTP/"s + version)) == 505);
  }
  CHECK(status_of("PRI * HTTP/2.0\r\n\r\n") == 505);
}

TEST_CASE("methods") {
  for (const auto method : known_methods) CHECK(status_of(with_line(std::string{method} + " / HTTP/1.1")) == 0);
  for (const auto* method : {"TRACE", "BREW", "M-SEARCH", "GETT", "PROPFIND"}) {
    CAPTURE(method);
    CHECK(status_of(with_line(method + " / HTTP/1.1"s)) == 501);
  }
  for (const auto* method : {"get", "Get", "GE T", "GET/", "G\xC3\x89T", "{}", "GET1", "\"GET\""}) {
    CAPTURE(method);
    CHECK(status_of(with_line(method + " / HTTP/1.1"s)) == 400);
  }
  CHECK(status_of(with_line("CONNECT localhost:80 HTTP/1.1")) == 501);
}

TEST_CASE("a target is a path of this host, in ASCII") {
  for (const auto* target : {"/", "/a/b?c=d&e=%ED%95%9C", "//x", "/%00", "/a|b{c}", "http://localhost/",
                             "HTTP://LOCALHOST/path?query", "http://localhost//"}) {
    CAPTURE(target);
    CHECK(status_of(with_line("GET "s + target + " HTTP/1.1")) == 0);
  }
  for (const auto* target : {"*",
                             "path",
                             "?query",
                             "/caf\xC3\xA9",
                             "/\x80",
                             "/\x7F",
                             "/a#b",
                             "#",
                             "localhost:80",
                             "http://",
                             "http:/",
                             "http://localhost",
                             "http://elsewhere/",
                             "http://localhost:80/",
                             "http://user@localhost/",
                             "https://localhost/",
                             "http:localhost/",
                             "ftp://localhost/",
                             "javascript:0",
                             "http://localhost?query",
                             "http:///",
                             "\\"}) {
    CAPTURE(target);
    CHECK(status_of(with_line("GET "s + target + " HTTP/1.1")) == 400);
  }
  CHECK(status_of(with_line("OPTIONS * HTTP/1.1")) == 0);
  CHECK(status_of(with_fields("", "GET http:/// HTTP/1.0")) == 400);
}

TEST_CASE("one Host, that is a host") {
  for (const auto* host : {"localhost", "LOCALHOST:8080", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:8080",
                           "[::ffff:127.0.0.1]", "a-b.example_1~", "x:0", "x:65535"}) {
    CAPTURE(host);
    CHECK(status_of(with_fields("Host: "s + host + "\r\n")) == 0);
  }
  for (const auto* host : {"",
                           " ",
                           "a b",
                           "a,b",
                           "a/b",
                           "a@b",
                           "a\"b",
                           "a:b",
                           "a:",
                           ":80",
                           "a:65536",
                           "a:-1",
                           "a:+1",
                           "a:1:2",
                           "::1",
                           "[::1",
                           "::1]",
                           "[]",
                           "[]:80",
                           "[x]",
                           "[1]",
                           "[::1]80",
                           "[::1]:",
                           "[::1]x",
                           "b\xC3\xBC"
                           "cher",
                           "a?b",
                           "a%00b",
                           "http://a"}) {
    CAPTURE(host);
    CHECK(status_of(with_fields("Host: "s + host + "\r\n")) == 400);
    CHECK(status_of(with_fields("Host: "s + host + "\r\n", "GET / HTTP/1.0")) == 400);
  }
  CHECK(status_of(with_fields("")) == 400);
  CHECK(status_of(with_fields("Host: a\r\nHost: a\r\n")) == 400);
  CHECK(status_of(with_fields("Host: a\r\nhOST: b\r\n")) == 400);
  CHECK(status_of(with_fields("Host: a\r\nHost: a\r\n", "GET / HTTP/1.0")) == 400);
}

TEST_CASE("one length, that is a number") {
  for (const auto* length :
       {"", " ", "+5", "-5", "5,5", "5, 5", "5 5", "0x5", "5.0", "5;", "five", "\xD9\xA5", "'5'"}) {
    CAPTURE(length);
    CHECK(status_of(with_host("Content-Length: "s + length + "\r\n")) == 400);
  }
  CHECK(status_of(with_host("Content-Length: 5\r\nContent-Length: 5\r\n")) == 400);
  CHECK(status_of(with_host("Content-Length: 5\r\nContent-length: 6\r\n")) == 400);
  CHECK(status_of(with_host("Content-Length: 18446744073709551616\r\n")) == 413);
  CHECK(status_of(with_host("Content-Length: 00000000000000000000000005\r\n")) == 0);
}

TEST_CASE("one transfer encoding, that is chunked, and no length beside it") {
  for (const auto* encoding : {"", "xchunked", "chunkedx", "chunked,", ",chunked", "chunked, chunked",
                               "chunked, identity", "identity, chunked", "identity", "gzip, chunked", "gzip",
                               "chunked;q=1", "\"chunked\"", "chunked \x0B", "c hunked"}) {
    CAPTURE(encoding);
    CHECK(status_of(with_host("Transfer-Encoding: "s + encoding + "\r\n")) == 400);
  }
  CHECK(status_of(with_host("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")) == 400);
  CHECK(status_of(with_host("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n")) == 400);
  CHECK(status_of(with_host("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n")) == 400);
  CHECK(status_of(with_host("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")) == 400);
  CHECK(status_of(with_fields("Transfer-Encoding: chunked\r\n", "POST / HTTP/1.0")) == 400);
}

TEST_CASE("one expectation, one origin") {
  CHECK(status_of(with_host("Expect: 100-Continue\r\n")) == 0);
  CHECK(status_of(with_host("Expect: 200-ok\r\n")) == 417);
  CHECK(status_of(with_host("Expect: 100-continue, x\r\n")) == 417);
  CHECK(status_of(with_host("Expect: 100-continue\r\nExpect: 100-continue\r\n")) == 417);
  CHECK(status_of(with_host("Origin: http://localhost\r\nOrigin: http://localhost\r\n")) == 400);
}

TEST_CASE("a scan that goes on where it stopped says what one scan of all says") {
  for (const auto& text : {with_host("X: y\r\n") + "body", "GET / HTTP/1.1\nHost"s, "GET / HTTP/1.1\r\nX: \0"s,
                           "GET / HTTP/1.1\r\n\rX"s, "\x16\x03\x01"s, "GET / HTTP/1.1\r\n"s}) {
    CAPTURE(text);
    const auto whole = scan_request_head(text);
    std::size_t scanned = 0;
    HeadScan step{HeadScan::State::incomplete, 0};
    for (std::size_t size = 1; size <= text.size() && step.state == HeadScan::State::incomplete; ++size) {
      step = scan_request_head(std::string_view{text}.substr(0, size), scanned);
      scanned = step.size;
    }
    CHECK(step.state == whole.state);
    CHECK(step.size == whole.size);
  }
}

TEST_CASE("a scan ends at the blank line, whatever follows it") {
  const auto head = with_host("X: y\r\n");
  const auto scan = scan_request_head(head + "\0\n\n\n"s);
  CHECK(scan.state == HeadScan::State::complete);
  CHECK(scan.size == head.size());
}

TEST_CASE("targets and hosts are taken apart") {
  CHECK(origin_form("/a?b") == "/a?b");
  CHECK(origin_form("http://localhost:8080/a?b") == "/a?b");
  CHECK(origin_form("HTTP://[::1]:8080/") == "/");
  CHECK(origin_form("*") == "*");
  CHECK(host_name("localhost:8080") == "localhost");
  CHECK(host_name("[::1]:8080") == "[::1]");
  CHECK(host_name("localhost") == "localhost");
}
