#include <doctest/doctest.h>

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "http_session.hpp"
#include "raw_client.hpp"
#include "running_server.hpp"

using namespace event_draft;
using namespace event_draft::server;
using namespace event_draft::testing;
using namespace std::chrono_literals;
using namespace std::string_literals;
using Clock = std::chrono::steady_clock;

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
  RunningServer server{{},
                       [&](const HttpRequest& request) {
                         gate.pass();
                         return echo(request);
                       },
                       {.workers = 1}};
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
  Loops loops{echo};
  HttpServer server{{}, loops.http()};
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
  RunningServer server{{.limits = {.grace_time = 200ms}},
                       [&](const HttpRequest& request) {
                         gate.pass();
                         return echo(request);
                       },
                       {.workers = 1}};
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
}

TEST_CASE("a request that is whole only after the cut is not handled, and not answered as if it had been") {
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0);
  boost::asio::io_context loop{1};
  HttpContext context{.limits = {}, .hosts = {}, .hook = {}, .on_refusal = {}};
  int handled = 0;
  const HttpHandler handler = [&](const HttpRequest&) -> Task<HttpResponse> {
    ++handled;
    co_return HttpResponse{};
  };
  boost::asio::ip::tcp::socket socket{loop};
  socket.assign(boost::asio::ip::tcp::v4(), ends[0]);
  const auto session = std::make_shared<HttpSession>(std::move(socket), context, handler);
  auto serving = session->serve();
  serving.start();
  const std::string request = post("/", "body");
  for (const auto& part : {request.substr(0, 20), request.substr(20)}) {
    REQUIRE(::send(ends[1], part.data(), part.size(), MSG_NOSIGNAL) == std::ssize(part));
    for (int turns = 0; turns != 10 && !serving.is_done(); ++turns) loop.run_one_for(20ms);
    context.cut = true;
  }
  CHECK(serving.is_done());
  CHECK(handled == 0);
  std::array<char, 100> answer{};
  CHECK(::recv(ends[1], answer.data(), answer.size(), 0) == 0);
  ::close(ends[1]);
}

TEST_CASE("a client that does not close is waited for no longer than the linger time") {
  RunningServer server{{.limits = {.linger_time = 200ms}}, echo};
  RawClient client{server.port()};
  CHECK(client.exchange("nonsense\n").value().status == 400);
  const auto start = Clock::now();
  server.stop();
  server.join();
  CHECK(Clock::now() - start < 2s);
}

TEST_CASE("stop may come at any time, and more than once") {
  SUBCASE("before run") {
    Loops loops{echo, {.loops = 2}};
    HttpServer server{{}, loops.http()};
    server.stop();
    server.stop();
    server.run();
  }
  SUBCASE("after run") {
    Loops loops{echo};
    HttpServer server{{}, loops.http()};
    std::jthread thread{[&] { server.run(); }};
    server.stop();
    thread.join();
    server.stop();
  }
  SUBCASE("never, without run") {
    Loops loops{echo};
    const HttpServer server{{}, loops.http()};
  }
  SUBCASE("from a handler") {
    std::atomic<HttpServer*> itself = nullptr;
    Loops loops{[&](const HttpRequest& request) {
      itself.load()->stop();
      return echo(request);
    }};
    HttpServer server{{}, loops.http()};
    itself = &server;
    std::jthread thread{[&] { server.run(); }};
    CHECK(RawClient{server.port()}.exchange(get("/")).value().status == 200);
  }
  SUBCASE("from many threads") {
    Loops loops{echo, {.loops = 3}};
    HttpServer server{{}, loops.http()};
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([&] { server.stop(); });
    server.run();
  }
}

TEST_CASE("a stop among requests: each is answered whole or not at all") {
  for (int round = 0; round < 20; ++round) {
    RunningServer server{{}, echo, {.loops = 2, .workers = 2}};
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
