#include <doctest/doctest.h>

#include <adapters/redis/redis_draft_cache.hpp>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "fault_proxy.hpp"
#include "redis_fixture.hpp"

using namespace event_draft;
using namespace event_draft::testing;
using namespace std::chrono_literals;
using redis::RedisDraftCache;
using Way = FaultProxy::Way;

// A server that is slow, away, killed or cut off. Times are bounds that a hanging call would break by far.
namespace {

template <class Work>
Clock::duration time_of(Work work) {
  const auto began = Clock::now();
  work();
  return Clock::now() - began;
}

class Proxied : public RedisFixture {
 public:
  /// Does `what` to the next piece that goes this way.
  void arm(Way which, Passage what, int times = 1) {
    const std::lock_guard lock{mutex};
    fault = std::move(what);
    way = which;
    armed = times;
  }

  redis::Config proxied() {
    auto settings = config();
    settings.host = "127.0.0.1";
    settings.port = proxy.port();
    return settings;
  }

  std::mutex mutex;
  Passage fault{};
  Way way = Way::reply;
  int armed = 0;  // how many pieces the fault is still for
  FaultProxy proxy{"127.0.0.1", config().port, [this](const Piece& piece) {
                     const std::lock_guard lock{mutex};
                     return piece.way == way && armed-- > 0 ? fault : Passage{};
                   }};
};

}  // namespace

TEST_CASE_FIXTURE(RedisFixture,
                  "redis: a server that stands still costs a call its deadline and no more; then all is well") {
  RedisDraftCache cache{config()};
  REQUIRE(set(cache, "k", "v"));
  RealServer server{"redis"};
  server.pause();
  CHECK(time_of([&] { CHECK(cache.get("k", Deadline::after(50ms)).error() == Errc::deadline_exceeded); }) <
        50ms + slack);
  CHECK(time_of([&] {
          CHECK(set(cache, "k", "w", Deadline::after(50ms)).error() ==
                Error{Errc::deadline_exceeded, {}, Certainty::unknown});
        }) < 50ms + slack);
  CHECK(cache.connections().all == 0);
  server.resume();
  CHECK(cache.get("k", soon()));
  CHECK(failures().size() == 2);
}

TEST_CASE_FIXTURE(RedisFixture,
                  "redis: a value that takes too long, for all that bytes keep coming, is given up at the deadline") {
  RedisDraftCache cache{config()};
  const std::string large(64 << 20, 'x');
  REQUIRE(admin({"SET", "k", large}) == "OK");
  CHECK(cache.get("k", Deadline::after(5ms)).error() == Error{Errc::deadline_exceeded});
  CHECK(cache.connections().all == 0);
  admin({"DEL", "k"});
}

TEST_CASE_FIXTURE(RedisFixture, "redis: after a kill and a restart the next calls find the way back by themselves") {
  RedisDraftCache cache{config()};
  RealServer server{"redis"};
  for (int i = 0; i != 3; ++i) {
    REQUIRE(set(cache, "k", "v"));
    server.kill();
    const auto began = Clock::now();
    while (!set(cache, "k", "v", Deadline::after(50ms))) {
      REQUIRE(Clock::now() - began < 2s + slack);
      std::this_thread::sleep_for(5ms);
    }
  }
}

TEST_CASE("redis: where nobody listens a call fails at once, and only now and then tries to connect") {
  redis::Config settings;
  settings.port = 1;
  std::atomic<int> failures = 0;
  settings.on_failure = [&](std::string_view) { ++failures; };
  RedisDraftCache cache{settings};
  for (int i = 0; i != 100; ++i) {
    CHECK(cache.get("k", Deadline::after(50ms)).error() == Error{Errc::cache_unavailable});
  }
  CHECK(failures >= 1);
  CHECK(failures < 50);
}

TEST_CASE_FIXTURE(Proxied, "redis: a reply that is late, cut short, cut off or no reply at all ends its connection") {
  struct Case {
    const char* name;
    Way way;
    Passage passage;
    Errc code;
  };
  for (const auto& each :
       {Case{"late", Way::reply, {.delay = 200ms}, Errc::deadline_exceeded},
        Case{"cut short", Way::reply, {.most = 3}, Errc::deadline_exceeded},
        Case{"cut short and cut off", Way::reply, {.most = 3, .cut = true}, Errc::cache_unavailable},
        Case{"cut off before the reply", Way::reply, {.most = 0, .cut = true}, Errc::cache_unavailable},
        Case{"cut off before the request", Way::request, {.most = 0, .cut = true}, Errc::cache_unavailable},
        Case{"cut off after the request", Way::request, {.cut = true}, Errc::cache_unavailable},
        Case{"loading",
             Way::reply,
             {.instead = "-LOADING Redis is loading the dataset in memory\r\n"},
             Errc::cache_unavailable},
        Case{"another protocol", Way::reply, {.instead = "HTTP/1.1 400 Bad Request\r\n\r\n"}, Errc::cache_unavailable},
        Case{"a moved slot", Way::reply, {.instead = "-MOVED 3999 127.0.0.1:6381\r\n"}, Errc::cache_unavailable}}) {
    CAPTURE(each.name);
    RedisDraftCache cache{proxied()};
    REQUIRE(set(cache, "k", "v"));
    arm(each.way, each.passage);
    CHECK(cache.get("k", Deadline::after(100ms)).error() == Error{each.code});
    CHECK(cache.connections().all == 0);
    CHECK(cache.get("k", soon()).value() == "v");

    arm(each.way, each.passage);
    CHECK(set(cache, "k", "v", Deadline::after(100ms)).error() == Error{each.code, {}, Certainty::unknown});
    CHECK(cache.connections().all == 0);
  }
}

TEST_CASE_FIXTURE(Proxied,
                  "redis: a reply that nobody asked for ends its connection before anybody takes it for his own") {
  RedisDraftCache cache{proxied()};
  REQUIRE(set(cache, "k", "mine"));
  REQUIRE(set(cache, "other", "another's"));
  arm(Way::reply, {.instead = "$4\r\nmine\r\n$9\r\nanother's\r\n"});
  CHECK(cache.get("k", soon()).value() == "mine");
  CHECK(cache.get("k", soon()).value() == "mine");
}

TEST_CASE_FIXTURE(
    Proxied, "redis: there are never more connections than allowed, and who waits for one waits no longer than told") {
  auto settings = proxied();
  settings.max_connections = 3;
  RedisDraftCache cache{settings};
  arm(Way::reply, {.delay = 1ms}, 1'000'000);
  std::atomic<std::size_t> most = 0;
  std::atomic<int> answered = 0;
  std::vector<std::jthread> callers;
  for (int i = 0; i != 16; ++i) {
    callers.emplace_back([&] {
      for (int j = 0; j != 20; ++j) {
        if (cache.get("k", soon())) ++answered;
        for (auto seen = most.load(); proxy.open() > seen && !most.compare_exchange_weak(seen, proxy.open());) {
        }
      }
    });
  }
  callers.clear();
  CHECK(answered == 320);
  CHECK(most <= 3);

  arm(Way::reply, {.delay = 300ms}, 3);
  for (int i = 0; i != 3; ++i) callers.emplace_back([&] { static_cast<void>(cache.get("k", soon())); });
  while (cache.connections().idle != 0) std::this_thread::yield();
  CHECK(cache.get("k", Deadline::after(20ms)).error() == Error{Errc::deadline_exceeded});
}

TEST_CASE_FIXTURE(RedisFixture, "redis: whatever is delayed, cancelled and cut, nobody gets another's reply") {
  const char* const wanted = std::getenv("EVENT_DRAFT_REDIS_OPERATIONS");
  const int operations = wanted != nullptr ? std::atoi(wanted) : 20'000;
  constexpr int keys = 64, callers = 8;
  for (int key = 0; key != keys; ++key) admin({"SET", std::to_string(key), "value of " + std::to_string(key)});

  std::atomic<unsigned> seed = 20261124;
  FaultProxy proxy{"127.0.0.1", config().port, [&](const Piece& piece) -> Passage {
                     thread_local std::minstd_rand random{seed++};
                     switch (random() % 64) {
                       case 0: return {.delay = std::chrono::microseconds{random() % 2000}};
                       case 1: return {.most = random() % piece.bytes.size(), .cut = true};
                       case 2: return {.cut = true};
                       case 3: return {.most = random() % piece.bytes.size()};
                       default: return {};
                     }
                   }};
  auto settings = config();
  settings.on_failure = [](std::string_view) {};
  settings.port = proxy.port();
  settings.max_connections = 6;
  RedisDraftCache cache{settings};
  std::atomic<int> left = operations, right = 0, wrong = 0, failed = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i != callers; ++i) {
      threads.emplace_back([&] {
        std::minstd_rand random{seed++};
        while (left.fetch_sub(1) > 0) {
          const auto key = std::to_string(random() % keys);
          // Some give up in the middle; the others have long enough on any machine.
          const auto patience = std::chrono::microseconds{random() % 4 == 0 ? 200 + random() % 2000 : 30'000};
          const auto value = cache.get(key, Deadline::after(patience));
          if (!value) {
            ++failed;
          } else {
            ++(value.value() == "value of " + key ? right : wrong);
          }
        }
      });
    }
  }
  MESSAGE(operations << " operations: " << right.load() << " answered, " << failed.load() << " failed");
  CHECK(wrong == 0);
  CHECK(right > operations / 10);
  CHECK(failed > operations / 1000);
  CHECK(cache.connections().all <= 6);
}
