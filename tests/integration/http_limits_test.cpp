#include "http_limits.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>

#include "raw_client.hpp"
#include "running_server.hpp"

using namespace event_draft::server;
using namespace event_draft::testing;
using namespace std::chrono_literals;
using namespace std::string_literals;
using Clock = std::chrono::steady_clock;

namespace {

HttpServerOptions with_limits(HttpLimits limits) { return {.limits = limits}; }

std::string of_size(std::size_t size) {
  const auto bare = get("/", "X: \r\n");
  return get("/", "X: " + std::string(size - bare.size(), 'x') + "\r\n");
}

constexpr const char* chunked_head = "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";

// Sends a byte at a time until the server answers.
std::optional<RawResponse> drip(RawClient& client, const std::string& start) {
  client.send(start);
  const auto until = Clock::now() + 5s;
  while (Clock::now() < until && client.is_silent_for(20ms)) client.send("a");
  return client.receive();
}

}  // namespace

TEST_CASE("a head may be as large as the limit, to the byte") {
  RunningServer server{{}, echo};
  CHECK(RawClient{server.port()}.exchange(of_size(8192)).value().status == 200);
  for (const auto size : {8193UL, 9000UL, 20'000UL, 200'000UL}) {
    CAPTURE(size);
    const auto response = RawClient{server.port()}.exchange(of_size(size));
    REQUIRE(response);
    CHECK(response->status == 431);
    CHECK(response->has("HEADER_TOO_LARGE"));
  }
  CHECK(RawClient{server.port()}.exchange("GET /" + std::string(8188, 'x')).value().status == 431);
}

TEST_CASE("a byte past the head's limit is not looked at, whether it has come or not") {
  RunningServer server{{}, echo};
  const std::string within = "GET /" + std::string(8 * 1024 - 5, 'x');
  CHECK(RawClient{server.port()}.exchange(within).value().status == 431);
  const auto status_of = [&](std::string_view head) {
    RawClient client{server.port()};
    client.send(head.substr(0, 100));
    std::this_thread::sleep_for(50ms);  // the server has read it, and reads the rest, limit and all, at once
    return client.exchange(head.substr(100)).value().status;
  };
  CHECK(status_of(within + "\n") == 431);
  CHECK(status_of(within.substr(1) + "\n") == 400);
}

TEST_CASE("a body may be as large as the limit, to the byte") {
  RunningServer server{{}, echo};
  CHECK(RawClient{server.port()}.exchange(post("/", std::string(65'536, 'x'))).value().status == 200);

  SUBCASE("a length above it is refused before the body comes") {
    const auto response =
        RawClient{server.port()}.exchange("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 65537\r\n\r\n");
    REQUIRE(response);
    CHECK(response->status == 413);
    CHECK(response->has("BODY_TOO_LARGE"));
    CHECK(response->has("\r\nConnection: close\r\n"));
  }
  SUBCASE("a client that sends it all the same reads the answer, not a reset") {
    RawClient client{server.port()};
    CHECK(client.send(post("/", std::string(600'000, 'x'))));
    client.shutdown_send();
    CHECK(client.receive().value().status == 413);
    CHECK(client.is_ended());
  }
  SUBCASE("chunks are counted as they come") {
    RawClient client{server.port()};
    client.send(chunked_head);
    const auto chunk = "1000\r\n" + std::string(4096, 'x') + "\r\n";
    for (int i = 0; i < 16; ++i) client.send(chunk);
    SUBCASE("to the limit") { CHECK(client.exchange("0\r\n\r\n").value().status == 200); }
    SUBCASE("and no further") { CHECK(client.exchange("1\r\n").value().status == 413); }
  }
}

TEST_CASE("a head must come in time, however steadily it drips") {
  RunningServer server{with_limits({.header_time = 200ms}), echo};
  RawClient client{server.port()};
  const auto start = Clock::now();
  SUBCASE("nothing follows the first byte") { client.send("G"); }
  SUBCASE("it drips") {
    const auto response = drip(client, "GET /");
    REQUIRE(response);
    CHECK(response->status == 408);
    CHECK(response->has("REQUEST_TIMEOUT"));
    CHECK(Clock::now() - start < 2s);
    return;
  }
  SUBCASE("it follows a whole request") {
    client.send(get("/") + "G");
    CHECK(client.receive().value().status == 200);
  }
  CHECK(client.receive().value().status == 408);
  CHECK(Clock::now() - start >= 200ms);
  CHECK(client.is_ended());
}

TEST_CASE("a body must come in time, however steadily it drips") {
  RunningServer server{with_limits({.header_time = 10s, .body_time = 200ms}), echo};
  RawClient client{server.port()};
  SUBCASE("a length") {
    CHECK(drip(client, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n").value().status == 408);
  }
  SUBCASE("chunks") { CHECK(drip(client, std::string{chunked_head} + "ff00\r\n").value().status == 408); }
  SUBCASE("one that was waited for") {
    client.send("POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    CHECK(client.receive().value().status == 100);
    CHECK(client.receive().value().status == 408);
  }
}

TEST_CASE("an idle connection is closed silently") {
  RunningServer server{with_limits({.idle_time = 200ms}), echo};
  const auto began = std::chrono::steady_clock::now();
  RawClient client{server.port()};
  SUBCASE("that has sent nothing") {}
  SUBCASE("between requests") { CHECK(client.exchange(get("/"))); }
  SUBCASE("after a line end") { CHECK(client.exchange(get("/") + "\r\n")); }
  SUBCASE("after half a line end") { CHECK(client.exchange(get("/") + "\r")); }
  CHECK(client.is_ended());
  CHECK(std::chrono::steady_clock::now() - began >= 200ms);
}

TEST_CASE("each step has its own time: a handler that is slow does not use up the next request's") {
  RunningServer server{with_limits({.header_time = 100ms, .body_time = 100ms, .write_time = 100ms, .idle_time = 5s}),
                       [](const HttpRequest& request) {
                         std::this_thread::sleep_for(250ms);
                         return echo(request);
                       }};
  RawClient client{server.port()};
  CHECK(client.exchange(post("/", "a")).value().status == 200);
  std::this_thread::sleep_for(250ms);
  CHECK(client.exchange(post("/", "b")).value().status == 200);
}

TEST_CASE("a client that does not read its answer is cut") {
  RunningServer server{with_limits({.write_time = 200ms}),
                       [](const HttpRequest&) { return HttpResponse{.body = std::string(32'000'000, 'x')}; }};
  RawClient client{server.port()};
  client.send(get("/"));
  std::this_thread::sleep_for(1s);
  CHECK_FALSE(client.receive());
  CHECK(client.is_gone());
}

TEST_CASE("slow clients and slow handlers hold up nobody") {
  Gate gate;
  RunningServer server{{},
                       [&](const HttpRequest& request) {
                         if (request.target == "/slow") gate.pass();
                         return echo(request);
                       },
                       {.workers = 2}};
  std::vector<RawClient> slow;
  for (int i = 0; i < 20; ++i) slow.emplace_back(server.port()).send("POST / HTTP/1.1\r\nHost: loc");
  RawClient blocked{server.port()};
  blocked.send(get("/slow"));
  REQUIRE(gate.has(1));

  RawClient quick{server.port(), 2s};
  for (int i = 0; i < 10; ++i) CHECK(quick.exchange(get("/")).value().status == 200);
  gate.open();
  CHECK(blocked.receive().value().status == 200);
}

TEST_CASE("what is refused is counted by its status") {
  std::atomic<unsigned> status = 0;
  RunningServer server{{.on_refusal = [&](unsigned refused) { status = refused; }}, echo};
  CHECK(RawClient{server.port()}.exchange(get("/")).value().status == 200);
  CHECK(status == 0);
  CHECK(RawClient{server.port()}.exchange(of_size(9000)).value().status == 431);
  CHECK(status == 431);
}

TEST_CASE("a connection too many is told so and closed, and a place that comes free is given out again") {
  RunningServer server{with_limits({.max_connections = 2, .linger_time = 500ms}), echo};
  RawClient first{server.port()};
  RawClient second{server.port()};
  CHECK(first.exchange(get("/")).value().status == 200);
  CHECK(second.exchange(get("/")).value().status == 200);

  RawClient third{server.port()};
  const auto refused = third.exchange(get("/"));
  REQUIRE(refused);
  CHECK(refused->status == 503);
  CHECK(refused->has("TOO_MANY_CONNECTIONS"));
  CHECK(refused->has("\r\nRetry-After: 1\r\n"));
  CHECK(third.is_ended());
  CHECK(server.events.has("http.connection_refused"));

  first.close();
  const auto until = Clock::now() + 5s;
  int status = 503;
  while (status == 503 && Clock::now() < until) {
    const auto response = RawClient{server.port()}.exchange(get("/"));
    status = response ? response->status : 503;
  }
  CHECK(status == 200);
  CHECK(second.exchange(get("/")).value().status == 200);
}

TEST_CASE("refusals are bounded too") {
  RunningServer server{with_limits({.max_connections = 0, .max_refusals = 1, .linger_time = 5s}), echo};
  RawClient told{server.port()};
  CHECK(told.receive().value().status == 503);
  RawClient untold{server.port()};
  CHECK_FALSE(untold.receive());
  CHECK(untold.is_gone());
}

// Clang's check of virtual calls opens a pipe to see whether an object is one, so without descriptors none is.
#if defined(__has_feature)
#if __has_feature(undefined_behavior_sanitizer)
#define WITHOUT_DESCRIPTORS *doctest::skip()
#endif
#endif
#ifndef WITHOUT_DESCRIPTORS
#define WITHOUT_DESCRIPTORS
#endif

TEST_CASE("a server without descriptors left goes on when there are some again" WITHOUT_DESCRIPTORS) {
  RunningServer server{{}, echo};
  RawClient kept{server.port()};
  REQUIRE(kept.exchange(get("/")));
  RawClient waiting{std::chrono::milliseconds{5'000}};

  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const rlimit none{.rlim_cur = 3, .rlim_max = before.rlim_max};  // fewer than are open
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  waiting.connect(server.port());
  waiting.send(get("/waiting"));
  const bool is_reported = server.events.has("http.accept_failed");
  const auto meanwhile = kept.exchange(get("/kept"));
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);

  CHECK(is_reported);
  CHECK(meanwhile.value().status == 200);
  CHECK(waiting.receive().value().body == "GET /waiting ");
}
