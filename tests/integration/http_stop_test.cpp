#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <string>
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

}  // namespace

TEST_CASE("a stop closes idle connections, and returns at once when there are no others") {
  RunningServer server{{}, echo};
  RawClient silent{server.port()};
  RawClient idle{server.port()};
  CHECK(idle.exchange(get("/")));
  const auto start = Clock::now();
  server.stop();
  server.join();
  CHECK(Clock::now() - start < 2s);
  CHECK(silent.is_ended());
  CHECK(idle.is_ended());
  CHECK_THROWS(RawClient{server.port()});
}

TEST_CASE("a request that is being handled is answered") {
  Gate gate;
  RunningServer server{{}, [&](const HttpRequest& request) {
                         gate.pass();
                         return echo(request);
                       }};
  RawClient client{server.port()};
  client.send(get("/handled") + get("/behind it"));
  REQUIRE(gate.has(1));
  server.stop();
  REQUIRE(server.events.has("http.stopping"));
  gate.open();
  const auto response = client.receive();
  REQUIRE(response);
  CHECK(response->body == "GET /handled ");
  CHECK(response->has("\r\nConnection: close\r\n"));
  CHECK(client.is_ended());
  client.close();
  server.join();
}

TEST_CASE("a request that has begun is received, handled and answered") {
  RunningServer server{{}, echo};
  RawClient client{server.port()};
  const auto request = post("/begun", "body");
  auto cut_at = 1UL;
  SUBCASE("in its request line") {}
  SUBCASE("in its headers") { cut_at = 30; }
  SUBCASE("in its body") { cut_at = request.size() - 2; }
  client.send(request.substr(0, cut_at));
  std::this_thread::sleep_for(50ms);  // until the server has read it
  server.stop();
  REQUIRE(server.events.has("http.stopping"));
  CHECK(client.is_silent_for(50ms));
  const auto response = client.exchange(request.substr(cut_at));
  REQUIRE(response);
  CHECK(response->body == "POST /begun body");
  CHECK(response->has("\r\nConnection: close\r\n"));
  client.close();
  server.join();
}

TEST_CASE("a request that waits for a worker is answered") {
  Gate gate;
  RunningServer server{{.worker_threads = 1, .limits = {.max_wait = 30s}}, [&](const HttpRequest& request) {
                         gate.pass();
                         return echo(request);
                       }};
  RawClient first{server.port()};
  first.send(get("/first"));
  REQUIRE(gate.has(1));
  RawClient second{server.port()};
  second.send(get("/second"));
  std::this_thread::sleep_for(50ms);
  server.stop();
  REQUIRE(server.events.has("http.stopping"));
  gate.open();
  CHECK(first.receive().value().body == "GET /first ");
  CHECK(second.receive().value().body == "GET /second ");
}

TEST_CASE("no request that was sent before the stop is lost, not even one that was not yet accepted") {
  HttpServer server{{}, echo};
  RawClient client{server.port()};
  client.send(get("/early"));
  server.stop();
  std::jthread thread{[&] { server.run(); }};
  const auto response = client.receive();
  REQUIRE(response);
  CHECK(response->body == "GET /early ");
  CHECK(response->has("\r\nConnection: close\r\n"));
  client.close();
}

TEST_CASE("what takes longer than the grace time is cut") {
  Gate gate;
  std::atomic<int> handled = 0;
  RunningServer server{{.worker_threads = 1, .limits = {.grace_time = 200ms}}, [&](const HttpRequest& request) {
                         ++handled;
                         gate.pass();
                         return echo(request);
                       }};
  RawClient half{server.port()};
  half.send("GET / HT");
  RawClient handling{server.port()};
  handling.send(get("/"));
  REQUIRE(gate.has(1));
  RawClient waiting{server.port()};
  waiting.send(get("/"));
  std::this_thread::sleep_for(50ms);
  const auto start = Clock::now();
  server.stop();
  CHECK_FALSE(half.receive());
  CHECK_FALSE(handling.receive());
  CHECK_FALSE(waiting.receive());
  CHECK(half.is_gone());
  CHECK(handling.is_gone());
  CHECK(waiting.is_gone());
  CHECK(Clock::now() - start >= 150ms);
  CHECK(Clock::now() - start < 3s);
  CHECK(server.events.has("http.cut"));
  gate.open();
  server.join();
  CHECK(handled == 1);  // nobody was left to read what the waiting one would have got
}

TEST_CASE("a client that does not close is waited for no longer than the linger time") {
  RunningServer server{with_limits({.linger_time = 200ms}), echo};
  RawClient client{server.port()};
  CHECK(client.exchange("nonsense\n").value().status == 400);
  const auto start = Clock::now();
  server.stop();
  server.join();
  CHECK(Clock::now() - start < 2s);
}

TEST_CASE("stop may come at any time, and more than once") {
  SUBCASE("before run") {
    HttpServer server{{.io_threads = 2}, echo};
    server.stop();
    server.stop();
    server.run();
  }
  SUBCASE("after run") {
    HttpServer server{{}, echo};
    std::jthread thread{[&] { server.run(); }};
    server.stop();
    thread.join();
    server.stop();
  }
  SUBCASE("never, without run") { HttpServer server{{}, echo}; }
  SUBCASE("from a handler") {
    std::atomic<HttpServer*> itself = nullptr;
    HttpServer server{{}, [&](const HttpRequest& request) {
                        itself.load()->stop();
                        return echo(request);
                      }};
    itself = &server;
    std::jthread thread{[&] { server.run(); }};
    CHECK(RawClient{server.port()}.exchange(get("/")).value().status == 200);
  }
  SUBCASE("from many threads") {
    HttpServer server{{.io_threads = 3}, echo};
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([&] { server.stop(); });
    server.run();
  }
}

TEST_CASE("a stop among requests: each is answered whole or not at all") {
  for (int round = 0; round < 20; ++round) {
    RunningServer server{{.io_threads = 2, .worker_threads = 2}, echo};
    std::vector<std::jthread> clients;
    std::atomic<int> wrong = 0;
    std::atomic<int> answered = 0;
    for (int c = 0; c < 4; ++c) {
      clients.emplace_back([&] {
        try {
          for (;;) {
            RawClient client{server.port()};
            for (int i = 0; i < 5; ++i) {
              const auto response = client.exchange(get("/x"));
              if (!response) break;
              ++answered;
              if (response->body != "GET /x ") ++wrong;
              if (response->has("Connection: close")) break;
            }
          }
        } catch (const std::exception&) {  // no longer accepted: the end of this client
        }
      });
    }
    while (answered < 10 * (round % 3)) std::this_thread::yield();
    server.stop();
    server.join();
    clients.clear();
    CHECK(wrong == 0);
  }
}
