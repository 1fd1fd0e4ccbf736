#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <adapters/redis/async_redis_draft_cache.hpp>
#include <adapters/redis/connect.hpp>
#include <adapters/redis/multiplexer.hpp>
#include <adapters/redis/reply_reader.hpp>

#include "async_redis_fixture.hpp"

using namespace event_draft;
using namespace event_draft::testing;
using namespace std::chrono_literals;
using redis::AsyncRedisDraftCache;

namespace {

using Found = std::optional<std::string>;
using Gets = std::vector<adapters::Future<Found>>;

/// What the server is made to refuse, for one scope.
class Imposed {
 public:
  Imposed(RedisAdmin& admin, std::function<void(RedisAdmin&)> undo) : admin_{admin}, undo_{std::move(undo)} {}
  Imposed(const Imposed&) = delete;
  Imposed& operator=(const Imposed&) = delete;
  ~Imposed() { undo_(admin_); }

 private:
  RedisAdmin& admin_;
  std::function<void(RedisAdmin&)> undo_;
};

}  // namespace

TEST_CASE_FIXTURE(AsyncRedisFixture, "async redis: a value ends with its time, under its prefix and in its database") {
  auto settings = config();
  settings.key_prefix = "shop:";
  settings.database = 3;
  AsyncRedisDraftCache cache{loop, settings};
  REQUIRE(run(set(cache, "draft:event:1", "value")));
  CHECK(admin({"GET", "shop:draft:event:1"}) == "");  // database 0
  CHECK(admin({"SELECT", "3"}) == "OK");
  CHECK(admin({"GET", "shop:draft:event:1"}) == "value");
  const auto seconds = std::stoi(admin({"TTL", "shop:draft:event:1"}));
  CHECK(seconds > 1700);
  CHECK(seconds <= 1800);
}

TEST_CASE_FIXTURE(AsyncRedisFixture, "async redis: over a Unix socket, and where a host's name leads to") {
  auto named = config();
  named.host = "localhost";
  for (const auto& settings : {redis::parse_url("unix://" + RealServer{"redis"}.folder() + "/redis.sock"), named}) {
    AsyncRedisDraftCache cache{loop, settings};
    REQUIRE(run(set(cache, "k", "v")));
    CHECK(run(cache.get("k", soon())).value() == "v");
    CHECK(run(cache.ping(soon())));
  }
}

TEST_CASE_FIXTURE(AsyncRedisFixture, "async redis: each of a name's addresses can be the first to be tried") {
  using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp>;
  const boost::asio::ip::tcp::endpoint any_port{boost::asio::ip::address_v4::loopback(), 0};
  const std::array servers{Acceptor{context, any_port}, Acceptor{context, any_port}, Acceptor{context, any_port}};
  std::vector<redis::Endpoint> all;
  for (const auto& server : servers) all.emplace_back(server.local_endpoint());
  for (std::size_t first = 0; first != 5; ++first) {
    redis::Socket socket{context};
    bool is_over = false;
    boost::asio::co_spawn(context, redis::connect(socket, all, first, [] { return true; }),
                          [&](std::exception_ptr error) {
                            CHECK(error == nullptr);
                            is_over = true;
                          });
    context.restart();
    turn_until([&] { return is_over; });
    CHECK(socket.remote_endpoint() == all[first % all.size()]);
  }
}

TEST_CASE_FIXTURE(AsyncProxied,
                  "async redis: a hundred calls of one turn travel together, and each has its own reply") {
  for (int i = 0; i != 100; ++i) admin({"SET", std::to_string(i), "value of " + std::to_string(i)});
  AsyncRedisDraftCache cache{loop, proxied()};
  connect(cache);
  const auto writes_before = cache.writes();
  const auto seen_before = requests();
  Gets gets;
  for (int i = 0; i != 100; ++i) gets.push_back(cache.get(std::to_string(i), soon()));
  const auto values = run(std::move(gets));
  for (int i = 0; i != 100; ++i) CHECK(values[static_cast<std::size_t>(i)].value() == "value of " + std::to_string(i));
  CHECK(cache.writes() - writes_before == 1);
  CHECK(requests() - seen_before <= 3);
  CHECK(proxy.accepted() == 1);
}

TEST_CASE_FIXTURE(AsyncRedisFixture, "async redis: what is asked while a write is under way goes with the next write") {
  AsyncRedisDraftCache cache{loop, config()};
  connect(cache);
  const auto before = cache.writes();
  RealServer server{"redis"};
  server.pause();
  const std::string large(12 << 20, 'x');  // more than a socket takes
  auto writing = awaited(set(cache, "large", large));
  writing.start();
  turn_for(20ms);
  Gets gets;
  for (int i = 0; i != 100; ++i) {
    gets.push_back(cache.get("none", soon()));
    if (i % 10 == 0) turn_for(1ms);
  }
  CHECK(cache.writes() - before == 1);
  server.resume();
  for (const auto& value : run(std::move(gets))) CHECK(value.value() == std::nullopt);
  CHECK(writing.is_done());
  CHECK(cache.writes() - before == 2);
}

TEST_CASE_FIXTURE(AsyncRedisFixture, "async redis: who gives up before anything was sent costs the server nothing") {
  AsyncRedisDraftCache cache{loop, config()};
  connect(cache);
  const auto before = cache.writes();
  for (int i = 0; i != 10; ++i) {
    static_cast<void>(set(cache, "k", "v"));
  }
  turn_for(20ms);
  CHECK(cache.writes() == before);
  CHECK(run(cache.get("k", soon())).value() == std::nullopt);
}

TEST_CASE_FIXTURE(AsyncProxied, "async redis: the reply to a call that was given up reaches nobody else") {
  admin({"SET", "a", "value of a"});
  admin({"SET", "b", "value of b"});
  AsyncRedisDraftCache cache{loop, proxied()};
  connect(cache);
  arm(Way::reply, {.delay = 300ms});
  CHECK(run(cache.get("a", Deadline::after(20ms))).error() == Error{Errc::deadline_exceeded});
  {
    const auto writes = cache.writes();
    const auto abandoned = cache.get("a", soon());
    turn_until([&] { return cache.writes() != writes; });
  }
  CHECK(run(cache.get("b", soon())).value() == "value of b");
  CHECK(proxy.accepted() == 1);
  CHECK(failures().empty());
}

TEST_CASE_FIXTURE(AsyncRedisFixture, "async redis: of a late set nobody knows; one that was never sent did nothing") {
  AsyncRedisDraftCache cache{loop, config()};
  connect(cache);
  RealServer server{"redis"};
  server.pause();
  CHECK(run(set(cache, "k", "v", Deadline::after(20ms))).error() ==
        Error{Errc::deadline_exceeded, {}, Certainty::unknown});
  const std::string large(12 << 20, 'x');  // more than a socket takes
  const auto writing = set(cache, "large", large);
  CHECK(run(set(cache, "k", "w", Deadline::after(20ms))).error() == Error{Errc::deadline_exceeded});
}

TEST_CASE_FIXTURE(AsyncRedisFixture, "async redis: a user of an ACL gets in, and a wrong password is told without it") {
  const Imposed user{admin, [](RedisAdmin& redis) { redis({"ACL", "DELUSER", "shop"}); }};
  REQUIRE(admin({"ACL", "SETUSER", "shop", "on", ">s3cret", "~*", "+get", "+set", "+ping"}) == "OK");
  auto settings = config();
  settings.user = "shop";
  settings.password = "s3cret";
  AsyncRedisDraftCache known{loop, settings};
  CHECK(run(set(known, "k", "v")));

  settings.password = "wr0ng";
  AsyncRedisDraftCache unknown{loop, settings};
  CHECK(run(set(unknown, "k", "v")).error() == unavailable());
  REQUIRE_FALSE(failures().empty());
  CHECK(failures()[0].ends_with("the error WRONGPASS"));
  CHECK(failures()[0].find("wr0ng") == std::string::npos);
}

TEST_CASE_FIXTURE(AsyncRedisFixture, "async redis: a password that is asked for since is a failure until it is known") {
  AsyncRedisDraftCache before{loop, config()};
  REQUIRE(run(set(before, "k", "v")));
  const Imposed password{admin, [](RedisAdmin& redis) { redis({"CONFIG", "SET", "requirepass", ""}); }};
  admin({"CONFIG", "SET", "requirepass", "s3cret"});
  admin({"AUTH", "s3cret"});
  AsyncRedisDraftCache stranger{loop, config()};
  CHECK(run(set(stranger, "k", "w")).error() == unavailable());
  CHECK(last_failure().ends_with("the error NOAUTH"));
  auto settings = config();
  settings.password = "s3cret";
  AsyncRedisDraftCache known{loop, settings};
  CHECK(run(known.get("k", soon())).value() == "v");
}

TEST_CASE_FIXTURE(AsyncProxied,
                  "async redis: what the server refuses is one call's failure; its neighbours have their replies") {
  struct Case {
    const char* name;
    std::function<void(RedisAdmin&)> impose;
    std::function<void(RedisAdmin&)> lift;
    bool refuses_get;
  };
  const std::array cases{
      Case{"WRONGTYPE",
           [](RedisAdmin& redis) {
             redis({"DEL", "k"});
             redis({"LPUSH", "k", "v"});
           },
           [](RedisAdmin& redis) {
             redis({"DEL", "k"});
           },
           true},
      Case{"OOM",
           [](RedisAdmin& redis) {
             redis({"CONFIG", "SET", "maxmemory", "1"});
           },
           [](RedisAdmin& redis) {
             redis({"CONFIG", "SET", "maxmemory", "0"});
           },
           false},
      Case{"READONLY",
           [](RedisAdmin& redis) {
             redis({"REPLICAOF", "127.0.0.1", "1"});
           },
           [](RedisAdmin& redis) {
             redis({"REPLICAOF", "NO", "ONE"});
           },
           false},
      Case{"NOPERM",
           [](RedisAdmin& redis) {
             redis({"ACL", "SETUSER", "default", "resetkeys", "~other"});
           },
           [](RedisAdmin& redis) {
             redis({"ACL", "SETUSER", "default", "allkeys"});
           },
           true},
  };
  for (const auto& each : cases) {
    CAPTURE(each.name);
    const auto connections = proxy.accepted();
    AsyncRedisDraftCache cache{loop, proxied()};
    REQUIRE(run(set(cache, "other", "another's")));
    REQUIRE(run(set(cache, "k", "v")));
    {
      const Imposed imposed{admin, each.lift};
      each.impose(admin);
      Gets gets;
      gets.push_back(cache.get("other", soon()));
      if (each.refuses_get) gets.push_back(cache.get("k", soon()));
      auto writing = awaited(set(cache, each.refuses_get ? "other" : "k", "another's"));
      writing.start();
      gets.push_back(cache.get("other", soon()));
      const auto values = run(std::move(gets));
      turn_until([&] { return writing.is_done(); });
      CHECK(values.front().value() == "another's");
      CHECK(values.back().value() == "another's");
      if (each.refuses_get) {
        CHECK(values[1].error() == unavailable());
        CHECK(writing.get());
      } else {
        CHECK(writing.get().error() == unavailable(Certainty::unknown));
      }
      CHECK(last_failure().ends_with("the error " + std::string{each.name}));
    }
    CHECK(proxy.accepted() == connections + 1);
  }
  CHECK(failures().size() == cases.size());
}

TEST_CASE_FIXTURE(AsyncRedisFixture,
                  "async redis: of values set together one refused fails all, and is nobody else's") {
  AsyncRedisDraftCache cache{loop, config()};
  REQUIRE(run(set(cache, "other", "another's")));
  const Imposed imposed{admin, [](RedisAdmin& redis) { redis({"ACL", "SETUSER", "default", "allkeys"}); }};
  admin({"ACL", "SETUSER", "default", "resetkeys", "~a", "~c", "~other"});
  const std::array writes{CacheWrite{"a", "1", 60s}, CacheWrite{"b", "2", 60s}, CacheWrite{"c", "3", 60s}};
  auto setting = awaited(cache.set(writes, soon()));
  setting.start();
  CHECK(run(cache.get("other", soon())).value() == "another's");
  CHECK(setting.get().error() == unavailable(Certainty::unknown));
  CHECK(run(cache.get("a", soon())).value() == "1");
  CHECK(run(cache.get("c", soon())).value() == "3");
  CHECK(failures().size() == 1);
}

TEST_CASE_FIXTURE(
    AsyncProxied,
    "async redis: a server that became a replica is connected to anew, now and then, at nobody's expense") {
  AsyncRedisDraftCache cache{loop, proxied()};
  REQUIRE(run(set(cache, "k", "v")));
  turn_for(1100ms);
  const Imposed replica{admin, [](RedisAdmin& redis) { redis({"REPLICAOF", "NO", "ONE"}); }};
  admin({"REPLICAOF", "127.0.0.1", "1"});
  const auto began = Clock::now();
  for (int i = 0; i != 10; ++i) {
    auto writing = awaited(set(cache, "k", "w"));
    writing.start();
    CHECK(run(cache.get("k", soon())).value() == "v");  // sent with it
    turn_until([&] { return writing.is_done(); });
    CHECK(writing.get().error() == unavailable(Certainty::unknown));
  }
  const auto seconds = static_cast<std::size_t>((Clock::now() - began) / 1s);
  CHECK(proxy.accepted() >= 2);
  CHECK(proxy.accepted() <= 2 + seconds);
}

TEST_CASE_FIXTURE(AsyncRedisFixture,
                  "async redis: a connection that the server has closed is replaced for the next call") {
  AsyncRedisDraftCache cache{loop, config()};
  REQUIRE(run(set(cache, "k", "v")));
  for (int i = 0; i != 3; ++i) {
    CHECK(admin({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"}) == "1");
    turn_until([&] { return !cache.is_connected(); });
    CHECK(run(cache.get("k", soon())).value() == "v");
  }
}

TEST_CASE_FIXTURE(AsyncRedisFixture, "async redis: a call too many fails at once, and the others go on") {
  AsyncRedisDraftCache cache{loop, config()};
  connect(cache);
  Gets gets;
  for (std::size_t i = 0; i != redis::Multiplexer::most_calls; ++i) gets.push_back(cache.get("k", soon()));
  auto too_many = cache.get("k", soon());
  CHECK(too_many.await_ready());
  CHECK(run(std::move(too_many)).error() == unavailable());
  for (const auto& value : run(std::move(gets))) REQUIRE(value.value() == std::nullopt);
  CHECK(run(cache.get("k", soon())));
}

TEST_CASE_FIXTURE(AsyncRedisFixture, "async redis: calls under way fail when the adapter ends, wherever they are") {
  std::optional<AsyncRedisDraftCache> cache;
  const auto calls = [&] {
    std::vector<adapters::Future<void>> futures;
    futures.push_back(set(*cache, "k", "v"));
    futures.push_back(set(*cache, "l", "v"));
    return futures;
  };
  {
    cache.emplace(loop, config());
    auto futures = calls();  // before there is a connection
    cache.reset();
    for (const auto& result : run(std::move(futures))) CHECK(result.error() == unavailable());
  }
  {
    RealServer server{"redis"};
    cache.emplace(loop, config());
    connect(*cache);
    server.pause();
    auto futures = calls();
    const auto writes = cache->writes();
    turn_until([&] { return cache->writes() != writes; });
    cache.reset();
    for (const auto& result : run(std::move(futures))) CHECK(result.error() == unavailable(Certainty::unknown));
  }
  context.restart();
  cache.emplace(loop, config());
  connect(*cache);
  auto futures = calls();
  context.stop();
  cache.reset();  // what is still to be handled goes with the context
  CHECK(failures().empty());
}

TEST_CASE("async redis: replies are read whatever the pieces they come in, and only up to a size") {
  const std::string bytes = "$5\r\nvalue\r\n$-1\r\n+OK\r\n-OOM command not allowed\r\n";
  redis::ReplyReader reader;
  std::string types;
  for (const char byte : bytes) {
    reader.feed({&byte, 1});
    while (const auto reply = reader.next()) types += std::to_string(reply->type);
  }
  CHECK(types == "1456");

  const std::string piece(1 << 20, 'x');
  redis::ReplyReader flooded;
  flooded.feed("$999999999\r\n");
  const auto flood = [&] {
    for (int i = 0; i != 20; ++i) {
      flooded.feed(piece);
      static_cast<void>(flooded.next());
    }
  };
  CHECK_THROWS_AS(flood(), redis::ConnectionLost);
}
