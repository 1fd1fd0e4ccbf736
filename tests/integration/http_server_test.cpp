#include "http_server.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>

#include "raw_client.hpp"
#include "running_server.hpp"

using namespace event_draft::server;
using namespace event_draft::testing;
using namespace std::chrono_literals;
using namespace std::string_literals;

TEST_CASE("a request is handled and answered, and the connection is kept") {
  RunningServer server{{}, echo};
  RawClient client{server.port()};
  for (int i = 0; i < 3; ++i) {
    const auto response = client.exchange(post("/path?query", "text"));
    REQUIRE(response);
    CHECK(response->status == 200);
    CHECK(response->body == "POST /path?query text");
    CHECK(response->has("\r\nConnection: keep-alive\r\n"));
    CHECK(response->has("\r\nContent-Type: text/plain\r\n"));
    CHECK(response->has("\r\nCache-Control: no-store\r\n"));
    CHECK(response->has("\r\nX-Content-Type-Options: nosniff\r\n"));
    CHECK_FALSE(response->has("Server:"));
  }
}

TEST_CASE("a handler sees the headers, not the trailers") {
  RunningServer server{{}, [](const HttpRequest& request) {
                         return HttpResponse{.status = 201,
                                             .headers = {{"X-Seen", std::string{request.header("x-sent")}},
                                                         {"X-Trailer", std::string{request.header("X-Late")}}},
                                             .body = request.body};
                       }};
  RawClient client{server.port()};
  const auto response = client.exchange(
      "POST / HTTP/1.1\r\nHost: localhost\r\nX-Sent:  a b \r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n2;name=value\r\nde\r\n0\r\nX-Late: late\r\nConnection: close\r\n\r\n");
  REQUIRE(response);
  CHECK(response->status == 201);
  CHECK(response->body == "abcde");
  CHECK(response->has("\r\nX-Seen: a b\r\n"));
  CHECK(response->has("\r\nX-Trailer: \r\n"));
  CHECK(response->has("\r\nConnection: keep-alive\r\n"));
}

TEST_CASE("the client decides whether the connection is kept") {
  RunningServer server{{}, echo};
  struct Example {
    const char* version;
    const char* connection;
    bool is_kept;
  };
  for (const auto& [version, connection, is_kept] :
       {Example{"HTTP/1.1", "", true}, Example{"HTTP/1.1", "Connection: close\r\n", false},
        Example{"HTTP/1.1", "Connection: x, Close\r\n", false}, Example{"HTTP/1.0", "", false},
        Example{"HTTP/1.0", "Connection: keep-alive\r\n", true}}) {
    CAPTURE(version);
    CAPTURE(connection);
    RawClient client{server.port()};
    const auto response = client.exchange("GET / "s + version + "\r\nHost: localhost\r\n" + connection + "\r\n");
    REQUIRE(response);
    CHECK(response->has(is_kept ? "\r\nConnection: keep-alive\r\n" : "\r\nConnection: close\r\n"));
    if (is_kept) {
      CHECK(client.exchange(get("/again")));
    } else {
      CHECK(client.is_ended());
    }
  }
}

TEST_CASE("a HEAD that is refused has no body either") {
  RunningServer server{{}, echo};
  for (const std::string head : {"Host: elsewhere.example\r\n", "", "Host: localhost\r\nFolded: a\r\n b\r\n"}) {
    CAPTURE(head);
    RawClient client{server.port()};
    client.send("HEAD /x HTTP/1.1\r\n" + head + "\r\n");
    CHECK(client.receive(false).value().status / 100 == 4);
    CHECK(client.is_ended());  // nothing came after the head
  }
}

TEST_CASE("HEAD is answered without a body, and the connection stays usable") {
  RunningServer server{{}, echo};
  RawClient client{server.port()};
  client.send("HEAD /x HTTP/1.1\r\nHost: localhost\r\n\r\n" + get("/y"));
  const auto head = client.receive(false);
  REQUIRE(head);
  CHECK(head->has("\r\nContent-Length: 8\r\n"));
  const auto next = client.receive();
  REQUIRE(next);
  CHECK(next->body == "GET /y ");
}

TEST_CASE("an absolute target of this host is its path") {
  RunningServer server{{}, echo};
  const auto response =
      RawClient{server.port()}.exchange("GET http://localhost/a?b HTTP/1.1\r\nHost: localhost\r\n\r\n");
  REQUIRE(response);
  CHECK(response->body == "GET /a?b ");
}

TEST_CASE("pipelined requests are answered in order") {
  // The handler takes longest for the first ones, so that only the session keeps the order.
  RunningServer server{{}, [](const HttpRequest& request) {
                         if (request.target == "/0") std::this_thread::sleep_for(50ms);
                         return echo(request);
                       }};
  RawClient client{server.port()};
  constexpr int count = 200;
  std::string requests;
  for (int i = 0; i < count; ++i)
    requests += post("/" + std::to_string(i), std::string(static_cast<std::size_t>(i), 'x'));
  REQUIRE(client.send(requests));
  for (int i = 0; i < count; ++i) {
    const auto response = client.receive();
    REQUIRE(response);
    CHECK(response->body == "POST /" + std::to_string(i) + " " + std::string(static_cast<std::size_t>(i), 'x'));
  }
}

TEST_CASE("it does not matter where the network splits requests") {
  RunningServer server{{}, echo};
  const std::string chunked =
      "POST /c HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n2;x=\"y\"\r\nbc\r\n0\r\n\r\n";
  const std::string empty = "POST /e HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  const std::string requests = get("/a") + post("/b", "body") + "\r\n" + chunked + empty + get("/d");
  const auto check_answers = [](RawClient& client) {
    for (const auto* expected : {"GET /a ", "POST /b body", "POST /c abc", "POST /e ", "GET /d "}) {
      const auto response = client.receive();
      REQUIRE(response);
      CHECK(response->body == expected);
    }
  };

  for (std::size_t at = 0; at <= requests.size(); ++at) {
    CAPTURE(at);
    RawClient client{server.port()};
    client.send(requests.substr(0, at));
    std::this_thread::sleep_for(1ms);
    client.send(requests.substr(at));
    check_answers(client);
  }

  RawClient client{server.port()};
  for (const char byte : requests) {
    client.send({&byte, 1});
    std::this_thread::sleep_for(200us);
  }
  check_answers(client);
}

TEST_CASE("a client that has sent all it wants still gets its answer") {
  RunningServer server{{}, echo};
  RawClient client{server.port()};
  client.send(get("/last"));
  client.shutdown_send();
  const auto response = client.receive();
  REQUIRE(response);
  CHECK(response->body == "GET /last ");
  CHECK(client.is_ended());
}

TEST_CASE("a client that waits before it sends its body is told to go on") {
  RunningServer server{{}, echo};
  RawClient client{server.port()};
  const auto head = "POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"s;
  SUBCASE("and then answered") {
    const auto told = client.exchange(head);
    REQUIRE(told);
    CHECK(told->head == "HTTP/1.1 100 Continue\r\n\r\n");
    CHECK(client.exchange("body").value().body == "POST / body");
  }
  SUBCASE("unless the body is there already") { CHECK(client.exchange(head + "body").value().body == "POST / body"); }
  SUBCASE("unless it has none") {
    CHECK(client.exchange(get("/", "Expect: 100-continue\r\n")).value().body == "GET / ");
  }
  SUBCASE("unless it speaks HTTP/1.0, which has no such answer") {
    client.send("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    CHECK(client.is_silent_for(50ms));
    CHECK(client.exchange("body").value().body == "POST / body");
  }
  SUBCASE("unless it would be too long") {
    CHECK(client.exchange("POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 99999\r\n\r\n")
              .value()
              .status == 413);
  }
}

TEST_CASE("what can't be trusted is refused in JSON, and the connection is closed") {
  std::atomic<int> handled = 0;
  RunningServer server{{}, [&](const HttpRequest& request) {
                         ++handled;
                         return echo(request);
                       }};
  struct Example {
    std::string request;
    int status;
    const char* code;
  };
  const std::string chunked = "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const auto& [request, status, code] : {
           Example{"GET / HTTP/1.1\r\n\r\n", 400, "MALFORMED_REQUEST"},
           Example{"get / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, "MALFORMED_REQUEST"},
           Example{"GET / HTTP/1.1\n", 400, "MALFORMED_REQUEST"},
           Example{"\x16\x03\x01\x02\x00\x01\x00\x01\xFC"s, 400, "MALFORMED_REQUEST"},
           Example{get("/", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"), 400, "MALFORMED_REQUEST"},
           Example{get("/", "Connection: a b\r\n"), 400, "MALFORMED_REQUEST"},
           Example{"BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n", 501, "METHOD_NOT_IMPLEMENTED"},
           Example{"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n", 501, "METHOD_NOT_IMPLEMENTED"},
           Example{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "HTTP_VERSION_NOT_SUPPORTED"},
           Example{get("/", "Expect: tea\r\n"), 417, "EXPECTATION_FAILED"},
           Example{get("/", "Origin: http://evil.example\r\n"), 403, "CROSS_ORIGIN"},
           Example{"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421, "MISDIRECTED_REQUEST"},
           Example{chunked + "xyz\r\n\r\n", 400, "MALFORMED_REQUEST"},
           Example{chunked + "0x1\r\na\r\n0\r\n\r\n", 400, "MALFORMED_REQUEST"},
           Example{chunked + "-1\r\na\r\n0\r\n\r\n", 400, "MALFORMED_REQUEST"},
           Example{chunked + "\r\na\r\n0\r\n\r\n", 400, "MALFORMED_REQUEST"},
           Example{chunked + "1\na\r\n0\r\n\r\n", 400, "MALFORMED_REQUEST"},
           Example{chunked + "1\r\nab\r\n0\r\n\r\n", 400, "MALFORMED_REQUEST"},
           Example{chunked + "1 \r\na\r\n0\r\n\r\n", 400, "MALFORMED_REQUEST"},
           Example{chunked + "1;\n\r\na\r\n0\r\n\r\n", 400, "MALFORMED_REQUEST"},
           Example{chunked + "fffffffffffffffff\r\na\r\n0\r\n\r\n", 400, "MALFORMED_REQUEST"},
           Example{chunked + "ffffffffffffffff\r\na\r\n0\r\n\r\n", 413, "BODY_TOO_LARGE"},
           Example{chunked + "0\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "MALFORMED_REQUEST"},
           Example{chunked + "0\r\nContent-Length: 4\r\n\r\n", 400, "MALFORMED_REQUEST"},
           Example{chunked + "1;x=" + std::string(40'000, 'y') + "\r\na\r\n0\r\n\r\n", 400, "MALFORMED_REQUEST"},
           Example{chunked + "0\r\nX: " + std::string(40'000, 'y') + "\r\n\r\n", 400, "MALFORMED_REQUEST"},
       }) {
    CAPTURE(request.substr(0, 200));
    RawClient client{server.port()};
    const auto response = client.exchange(request);
    REQUIRE(response);
    CHECK(response->status == status);
    CHECK(response->body.starts_with("{\"code\":\""s + code + "\",\"message\":\""));
    CHECK(response->body.ends_with("\"}"));
    CHECK(response->has("\r\nContent-Type: application/json\r\n"));
    CHECK(response->has("\r\nConnection: close\r\n"));
    client.shutdown_send();
    CHECK(client.is_ended());
  }
  CHECK(handled == 0);
}

TEST_CASE("what stands behind a refused request is not taken for a request") {
  std::atomic<int> handled = 0;
  RunningServer server{{}, [&](const HttpRequest& request) {
                         ++handled;
                         return echo(request);
                       }};
  RawClient client{server.port()};
  const auto refused = "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n\r\n"s;
  CHECK(client.exchange(refused + get("/smuggled")).value().status == 400);
  client.shutdown_send();
  CHECK(client.is_ended());
  CHECK(handled == 0);
}

TEST_CASE("a handler that throws is answered for with 500, and reported") {
  std::atomic<int> failed = 0;
  RunningServer server{{.on_refusal = [&](unsigned status) { failed += status == 500 ? 1 : 0; }},
                       [](const HttpRequest& request) -> HttpResponse {
                         if (request.target == "/known") throw std::runtime_error{"secret"};
                         if (request.target == "/unknown") throw 1;
                         if (request.target == "/split") return {.headers = {{"X", "a\r\nY: b"}}};
                         return echo(request);
                       }};
  RawClient client{server.port()};
  for (const auto* target : {"/known", "/unknown", "/split"}) {
    const auto response = client.exchange(get(target));
    REQUIRE(response);
    CHECK(response->status == 500);
    CHECK(response->has("INTERNAL_ERROR"));
    CHECK_FALSE(response->has("secret"));
  }
  CHECK(client.exchange(get("/fine")).value().status == 200);
  CHECK(server.events.has("http.handler_failed"));
  CHECK(server.events.has("http.bad_response"));
  CHECK(failed == 2);  // of the third the handler has said what it was
}

TEST_CASE("a hook that throws harms nobody") {
  Loops loops{[](const HttpRequest&) -> HttpResponse { throw std::runtime_error{"handler"}; }};
  HttpServer server{{}, loops.http(), [](const HttpEvent&) { throw std::runtime_error{"hook"}; }};
  std::jthread thread{[&] { server.run(); }};
  CHECK(RawClient{server.port()}.exchange(get("/")).value().status == 500);
  server.stop();
}

TEST_CASE("many clients at once, on several threads") {
  RunningServer server{{}, echo, {.loops = 3, .workers = 4}};
  std::vector<std::jthread> threads;
  std::atomic<int> right = 0;
  for (int c = 0; c < 8; ++c) {
    threads.emplace_back([&, c] {
      RawClient client{server.port()};
      for (int i = 0; i < 100; ++i) {
        const auto text = std::to_string(c) + "-" + std::to_string(i);
        const auto response = client.exchange(post("/", text));
        if (response && response->body == "POST / " + text) ++right;
      }
    });
  }
  threads.clear();
  CHECK(right == 800);
}

TEST_CASE("clients that vanish while they are answered end neither the server nor the process") {
  const std::string large(1024 * 1024, 'x');
  RunningServer server{{}, [&](const HttpRequest& request) {
                         auto response = echo(request);
                         if (request.target == "/large") response.body = large;
                         return response;
                       }};
  const auto before = std::signal(SIGPIPE, SIG_DFL);
  for (int i = 0; i < 20; ++i) {
    RawClient client{server.port()};
    client.send(get("/large") + get("/large"));
    if (i % 2 == 0) std::this_thread::sleep_for(5ms);
    client.reset();
  }
  CHECK(RawClient{server.port()}.exchange(get("/")).value().status == 200);
  std::signal(SIGPIPE, before);
}

TEST_CASE("an address that can't be listened on is named") {
  RunningServer first{{}, echo};
  const auto message_of = [](HttpServerOptions options) -> std::string {
    Loops loops{echo};
    try {
      HttpServer server{std::move(options), loops.http()};
    } catch (const std::system_error& error) {
      return error.what();
    }
    return "";
  };
  const auto taken = message_of({.port = first.port()});
  CHECK(taken.find("127.0.0.1") != std::string::npos);
  CHECK(taken.find(std::to_string(first.port())) != std::string::npos);
  CHECK(taken.find("in use") != std::string::npos);
  CHECK(message_of({.address = "not an address"}).find("not an address") != std::string::npos);
  CHECK(message_of({.address = "192.0.2.1"}).find("192.0.2.1") != std::string::npos);
}

TEST_CASE("a port can be listened on again at once") {
  std::uint16_t port = 0;
  {
    RunningServer server{{}, echo};
    port = server.port();
    // The server closes first, so that its side is the one that waits.
    CHECK(RawClient{port}.exchange(get("/", "Connection: close\r\n")));
  }
  CHECK_NOTHROW(RunningServer({.port = port}, echo));
}
