#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <random>
#include <string>
#include <utility>

#include <adapters/redis/async_redis_draft_cache.hpp>

#include "async_redis_fixture.hpp"
#include "standstills.hpp"

using namespace event_draft;
using namespace event_draft::testing;
using namespace std::chrono_literals;
using redis::AsyncRedisDraftCache;

// A server that is slow, away, killed or cut off. Times are bounds that a hanging call would break by far.
namespace {

using Way = FaultProxy::Way;
using Found = std::optional<std::string>;

constexpr auto whole_again = 2s;

/// Calls as a service would, until one succeeds; each is answered in its time.
class Outage : public AsyncRedisFixture {
 public:
  Clock::duration until_whole(AsyncRedisDraftCache& cache) {
    const auto began = Clock::now();
    for (;;) {
      const auto asked = Clock::now();
      const auto result = run(set(cache, "k", "v", Deadline::after(50ms)));
      CHECK(Clock::now() - asked < 50ms + slack);
      if (result) return Clock::now() - began;
      REQUIRE(Clock::now() - began < 10s);
      turn_for(2ms);
    }
  }
};

}  // namespace

TEST_CASE_FIXTURE(Outage, "async redis: after a kill and a restart it is whole again by itself within two seconds") {
  AsyncRedisDraftCache cache{loop, config()};
  RealServer server{"redis"};
  for (int i = 0; i != 3; ++i) {
    until_whole(cache);
    auto under_way = awaited(set(cache, "k", "v"));
    server.pause();  // so that it is asked and can't answer
    under_way.start();
    turn_for(10ms);
    server.kill();
    turn_until([&] { return under_way.is_done(); });
    CHECK(under_way.get().error() == unavailable(Certainty::unknown));
    CHECK(until_whole(cache) < whole_again + slack);
  }
}

TEST_CASE_FIXTURE(Outage,
                  "async redis: a server that stands still costs a call its deadline, for a second; then nothing") {
  AsyncRedisDraftCache cache{loop, config()};
  REQUIRE(run(set(cache, "k", "v")));
  RealServer server{"redis"};
  server.pause();
  const auto began = Clock::now();
  auto waiting = awaited(cache.get("k", soon()));
  waiting.start();
  CHECK(run(cache.get("k", Deadline::after(50ms))).error() == Error{Errc::deadline_exceeded});
  CHECK(run(set(cache, "k", "w", Deadline::after(50ms))).error() ==
        Error{Errc::deadline_exceeded, {}, Certainty::unknown});
  turn_until([&] { return waiting.is_done(); });
  CHECK(waiting.get().error() == unavailable());
  CHECK(Clock::now() - began >= 800ms);
  CHECK(Clock::now() - began < 1s + slack);
  REQUIRE(failures().size() == 1);
  CHECK(failures()[0].ends_with("no answer for a second"));
  CHECK(failures()[0].starts_with("redis://127.0.0.1:"));
  for (int i = 0; i != 3; ++i) {  // however long it goes on: also while the next connections are tried
    auto refused = cache.get("k", soon());
    CHECK(refused.await_ready());
    CHECK(run(std::move(refused)).error() == unavailable());
    turn_for(500ms);
  }
  server.resume();
  CHECK(until_whole(cache) < whole_again + slack);
}

TEST_CASE_FIXTURE(Outage, "async redis: at the start a call waits for the connection, no longer than it can") {
  RealServer server{"redis"};
  server.pause();
  AsyncRedisDraftCache cache{loop, config()};
  auto patient = awaited(set(cache, "k", "v"));
  patient.start();
  CHECK(run(set(cache, "k", "v", Deadline::after(30ms))).error() == Error{Errc::deadline_exceeded});
  CHECK_FALSE(patient.is_done());
  server.resume();
  turn_until([&] { return patient.is_done(); });
  CHECK(patient.get());
}

TEST_CASE_FIXTURE(AsyncRedisFixture,
                  "async redis: where nobody listens a call fails at once, and only now and then it tries to connect") {
  auto settings = config();
  settings.port = 1;
  AsyncRedisDraftCache cache{loop, settings};
  CHECK(run(set(cache, "k", "v", Deadline::after(5s))).error() == unavailable());
  for (int i = 0; i != 1000; ++i) {
    auto refused = set(cache, "k", "v");
    REQUIRE(refused.await_ready());
    REQUIRE(run(std::move(refused)).error() == unavailable());
  }
  turn_for(1s);
  REQUIRE(failures().size() >= 4);
  CHECK(failures().size() <= 12);
  CHECK(failures()[0] == "redis://127.0.0.1:1/0: Connection refused");
}

TEST_CASE_FIXTURE(AsyncProxied,
                  "async redis: a connection in disorder is lost, and with it what was sent over it; the next "
                  "one knows nothing of it") {
  struct Case {
    const char* name;
    Way way;
    Passage passage;
  };
  admin({"SET", "k", "v"});
  AsyncRedisDraftCache cache{loop, proxied()};
  for (const auto& each : {Case{"cut short and cut off", Way::reply, {.most = 3, .cut = true}},
                           Case{"cut off before the reply", Way::reply, {.most = 0, .cut = true}},
                           Case{"cut off before the request", Way::request, {.most = 0, .cut = true}},
                           Case{"cut off within the request", Way::request, {.most = 7, .cut = true}},
                           Case{"cut off after the request", Way::request, {.cut = true}},
                           Case{"another protocol", Way::reply, {.instead = "HTTP/1.1 400 Bad Request\r\n\r\n"}},
                           Case{"a number for a value", Way::reply, {.instead = ":1\r\n"}},
                           Case{"a list for a value", Way::reply, {.instead = "*1\r\n$1\r\nv\r\n"}},
                           Case{"a status for a value", Way::reply, {.instead = "+OK\r\n"}},
                           Case{"the replies in another order", Way::reply, {.instead = "+OK\r\n$1\r\nv\r\n"}}}) {
    CAPTURE(each.name);
    connect(cache);
    const auto before = failures().size();
    arm(each.way, each.passage);
    auto reading = awaited(cache.get("k", soon()));
    auto writing = awaited(set(cache, "k", "v"));
    reading.start();
    writing.start();
    turn_until([&] { return reading.is_done() && writing.is_done(); });
    CHECK(reading.get().error() == unavailable());
    CHECK(writing.get().error() == unavailable(Certainty::unknown));
    CHECK(failures().size() == before + 1);
    CHECK(run(cache.get("k", soon())).value() == "v");
  }
  for (const auto* instead : {"$1\r\nv\r\n", "+QUEUED\r\n", "$-1\r\n"}) {
    CAPTURE(instead);
    connect(cache);
    const auto before = proxy.accepted();
    arm(Way::reply, {.instead = instead});
    CHECK(run(set(cache, "k", "v")).error() == unavailable(Certainty::unknown));
    REQUIRE(run(cache.get("k", soon())).value() == "v");
    CHECK(proxy.accepted() == before + 1);
  }
}

TEST_CASE_FIXTURE(AsyncProxied, "async redis: a reply that nobody asked for ends the connection") {
  admin({"SET", "k", "mine"});
  AsyncRedisDraftCache cache{loop, proxied()};
  connect(cache);
  arm(Way::reply, {.instead = "$4\r\nmine\r\n$9\r\nanother's\r\n"});
  CHECK(run(cache.get("k", soon())).value() == "mine");
  CHECK(run(cache.get("k", soon())).value() == "mine");
  CHECK(last_failure().ends_with("a reply that nobody asked for"));
  CHECK(proxy.accepted() == 2);
}

TEST_CASE_FIXTURE(AsyncProxied, "async redis: a server that loads its data takes no calls; one refused is only one") {
  admin({"SET", "k", "v"});
  const std::string loading = "-LOADING Redis is loading the dataset in memory\r\n";
  arm(Way::reply, {.instead = loading});
  AsyncRedisDraftCache cache{loop, proxied()};
  CHECK(run(cache.get("k", soon())).error() == unavailable());
  CHECK(last_failure().ends_with("the error LOADING"));
  connect(cache);
  arm(Way::reply, {.instead = loading});
  CHECK(run(cache.get("k", soon())).error() == unavailable());
  CHECK(run(cache.get("k", soon())).value() == "v");
  CHECK(proxy.accepted() == 2);
}

namespace {

/// One read or write of a caller among many; destroyed before its end, it is given up.
struct Counts {
  int right = 0, wrong = 0, failed = 0, late = 0, abandoned = 0;
};

Task<void> operation(AsyncRedisDraftCache& cache, unsigned long which, std::chrono::microseconds patience,
                     const Standstills& standstills, Counts& counts) {
  constexpr unsigned keys = 64;
  const auto key = std::to_string(which % keys);
  const auto value = "value of " + key;
  const auto began = Clock::now();
  const Deadline deadline{began + patience};
  bool is_right = false;
  bool is_wrong = false;
  if (which / keys % 8 == 0) {
    const CacheWrite write{key, value, 1800s};
    is_right = (co_await cache.set({&write, 1}, deadline)).has_value();
  } else if (which / keys % 8 == 1) {
    const auto found = co_await cache.get("no " + key, deadline);
    is_right = found && found.value() == std::nullopt;
    is_wrong = found && !is_right;
  } else {
    const auto found = co_await cache.get(key, deadline);
    is_right = found && found.value() == value;
    is_wrong = found && !is_right;
  }
  ++(is_right ? counts.right : is_wrong ? counts.wrong : counts.failed);
  if (standstills.without(deadline.at(), Clock::now()) > slack) ++counts.late;
}

}  // namespace

TEST_CASE_FIXTURE(AsyncRedisFixture,
                  "async redis: whatever is delayed, given up, cut and lost, nobody gets another's reply") {
  const char* const wanted = std::getenv("EVENT_DRAFT_REDIS_OPERATIONS");
  const int operations = wanted != nullptr ? std::atoi(wanted) : 50'000;
  for (int key = 0; key != 64; ++key) admin({"SET", std::to_string(key), "value of " + std::to_string(key)});

  // A stream never goes on after a gap: where bytes of it were lost, nothing follows. A thread carries one connection.
  std::atomic<unsigned> seed = 20261124;
  FaultProxy proxy{"127.0.0.1", config().port, [&](const Piece& piece) -> Passage {
                     thread_local std::minstd_rand random{seed++};
                     thread_local bool is_dead = false;
                     if (is_dead) return {.most = 0};
                     switch (random() % 128) {
                       case 0:
                       case 1:
                       case 2:
                       case 3: return {.delay = std::chrono::microseconds{random() % 8000}};
                       case 4: return {.most = random() % piece.bytes.size(), .cut = true};
                       case 5: return {.cut = true};
                       case 6:
                         is_dead = random() % 8 == 0;
                         return {.most = is_dead ? random() % piece.bytes.size() : piece.bytes.size()};
                       default: return {};
                     }
                   }};
  auto settings = config();
  settings.on_failure = [](std::string_view) {};
  settings.port = proxy.port();
  AsyncRedisDraftCache cache{loop, settings};
  std::minstd_rand random{seed++};
  Counts counts;
  Standstills standstills;
  std::array<std::optional<Task<void>>, 64> callers;
  const auto give_up = Deadline::after(300s);
  const auto writes = cache.writes();
  for (int left = operations; left > 0; context.run_one_for(1ms)) {
    REQUIRE_FALSE(give_up.expired());
    for (auto& caller : callers) {
      if (caller && !caller->is_done() && random() % 512 != 0) continue;
      if (caller && !caller->is_done()) ++counts.abandoned;
      if (!cache.is_connected() && random() % 64 != 0) continue;
      --left;
      const std::chrono::microseconds patience{random() % 4 == 0 ? 200 + random() % 4000 : 100'000};
      caller.emplace(operation(cache, random(), patience, standstills, counts));
      caller->start();
    }
  }
  MESSAGE(operations << " operations in " << cache.writes() - writes << " writes over " << proxy.accepted()
                     << " connections: " << counts.right << " right, " << counts.failed << " failed, "
                     << counts.abandoned << " given up");
  CHECK(counts.wrong == 0);
  CHECK(counts.late == 0);
  CHECK(counts.right > operations / 10);
  CHECK(counts.failed > operations / 1000);
  CHECK(counts.abandoned > operations / 1000);
}
