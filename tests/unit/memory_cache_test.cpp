#include "adapters/memory/memory_draft_cache.hpp"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <event_draft/testing/printing.hpp>
#include <event_draft/testing/virtual_clock.hpp>

#include "adapters/memory/memory_draft_repository.hpp"
#include "adapters/memory/recording_publisher.hpp"

using namespace event_draft;
using namespace std::chrono_literals;
using event_draft::testing::VirtualClock;

namespace {

/// A cache on a virtual clock, spoken to in as few words as can be.
struct Cache {
  VirtualClock clock;
  memory::MemoryDraftCache<VirtualClock> port;

  explicit Cache(const memory::CacheLimits& limits = {}) : port{limits, clock} {}

  Deadline soon() const { return Deadline{clock.steady_now() + 1s}; }
  void set(std::string_view key, std::string_view value, std::chrono::seconds time_to_live = 60s) {
    REQUIRE(port.set(std::array{CacheWrite{key, value, time_to_live}}, soon()));
  }
  std::optional<std::string> get(std::string_view key) { return port.get(key, soon()).value(); }
};

}  // namespace

TEST_CASE("what was set is got, until it is set again") {
  Cache cache;
  CHECK(cache.get("k") == std::nullopt);
  cache.set("k", "v");
  CHECK(cache.get("k") == "v");
  cache.set("k", std::string_view{"\0longer than before\xff", 20});
  CHECK(cache.get("k") == std::string("\0longer than before\xff", 20));
  CHECK(cache.port.size() == 1);
  CHECK(cache.port.bytes() == 21);
}

TEST_CASE("one call sets several values, each with its own time to live") {
  Cache cache;
  REQUIRE(cache.port.set(std::array{CacheWrite{"a", "1", 10s}, CacheWrite{"b", "2", 20s}}, cache.soon()));
  cache.clock.advance(10s - 1ms);
  CHECK(cache.get("a") == "1");
  cache.clock.advance(1ms);
  CHECK(cache.get("a") == std::nullopt);
  CHECK(cache.get("b") == "2");
}

TEST_CASE("setting the time of day neither prolongs nor ends a value's life") {
  Cache cache;
  cache.set("k", "v", 60s);
  cache.clock.set_now(VirtualClock::start + 24h);
  CHECK(cache.get("k") == "v");
  cache.clock.set_now(VirtualClock::start - 24h);
  cache.clock.advance(60s);
  CHECK(cache.get("k") == std::nullopt);
}

TEST_CASE("what has expired leaves when it is read") {
  Cache cache;
  cache.set("k", "v", 1s);
  cache.clock.advance(1s);
  CHECK(cache.port.size() == 1);
  CHECK(cache.get("k") == std::nullopt);
  CHECK(cache.port.size() == 0);
  CHECK(cache.port.bytes() == 0);
}

TEST_CASE("past the bound on entries the one used longest ago goes") {
  Cache cache{{.entries = 2}};
  cache.set("a", "1");
  cache.set("b", "2");
  CHECK(cache.get("a") == "1");  // so that b is the one
  cache.set("c", "3");
  CHECK(cache.get("b") == std::nullopt);
  CHECK(cache.get("a") == "1");
  CHECK(cache.get("c") == "3");
  cache.set("c", "4");  // already there: pushes nothing out
  CHECK(cache.get("a") == "1");
}

TEST_CASE("past the bound on bytes, keys and values counted, as many go as must") {
  Cache cache{{.bytes = 10}};
  cache.set("a", "1234");
  cache.set("b", "1234");
  CHECK(cache.port.bytes() == 10);
  cache.set("c", "12345");
  CHECK(cache.get("a") == std::nullopt);
  CHECK(cache.get("b") == std::nullopt);
  CHECK(cache.get("c") == "12345");
}

TEST_CASE("a value past the bound by itself is not kept, its key's old value neither, and the others stay") {
  Cache cache{{.bytes = 10}};
  cache.set("a", "1");
  cache.set("b", "2");
  cache.set("a", "0123456789");
  CHECK(cache.get("a") == std::nullopt);
  CHECK(cache.get("b") == "2");
}

TEST_CASE("a cache without room keeps nothing") {
  Cache cache{{.entries = 0}};
  cache.set("a", "1");
  CHECK(cache.get("a") == std::nullopt);
  CHECK(cache.port.bytes() == 0);
}

TEST_CASE("past its deadline a call does nothing") {
  Cache cache;
  cache.set("k", "v");
  const Deadline over{cache.clock.steady_now()};
  CHECK(cache.port.get("k", over).error() == Error{Errc::deadline_exceeded});
  CHECK(cache.port.set(std::array{CacheWrite{"k", "w", 60s}}, over).error() == Error{Errc::deadline_exceeded});
  CHECK(cache.get("k") == "v");
}

TEST_CASE("it behaves as the plain list that it stands for, whatever is done in whatever order") {
  using Reference = std::deque<std::pair<std::string, std::string>>;  // the latest used first
  Cache cache{{.entries = 8, .bytes = 60}};
  Reference reference;
  std::mt19937 random{20261123};
  const auto up_to = [&](std::uint32_t most) { return random() % (most + 1); };
  const auto take = [&](const std::string& key) -> std::optional<std::string> {
    for (auto entry = reference.begin(); entry != reference.end(); ++entry) {
      if (entry->first != key) continue;
      std::string value = entry->second;
      reference.erase(entry);
      return value;
    }
    return std::nullopt;
  };
  const auto bytes = [&] {
    std::size_t sum = 0;
    for (const auto& [key, value] : reference) sum += key.size() + value.size();
    return sum;
  };
  for (int i = 0; i < 5000; ++i) {
    const std::string key = std::to_string(up_to(15));
    if (up_to(1) == 0) {
      const auto value = take(key);
      if (value) reference.emplace_front(key, *value);
      REQUIRE(cache.get(key) == value);
    } else {
      const std::string value(up_to(20), 'x');
      static_cast<void>(take(key));
      reference.emplace_front(key, value);
      while (reference.size() > 8 || bytes() > 60) reference.pop_back();
      cache.set(key, value);
    }
    REQUIRE(cache.port.size() == reference.size());
    REQUIRE(cache.port.bytes() == bytes());
  }
}

TEST_CASE("threads may share it, and it keeps its bounds") {
  memory::MemoryDraftCache cache{memory::CacheLimits{.entries = 4, .bytes = 64}};
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 500; ++i) {
          const std::string key = std::to_string((t + i) % 7);
          static_cast<void>(cache.set(std::array{CacheWrite{key, key, 60s}}, Deadline::after(10s)));
          const auto value = cache.get(key, Deadline::after(10s)).value();
          if ((value && *value != key) || cache.size() > 4) ++wrong;
        }
      });
    }
  }
  CHECK(wrong == 0);
  CHECK(cache.size() == 4);
}

TEST_CASE("the other ports in memory are ready to use") {
  memory::MemoryDraftRepository repository;
  memory::RecordingPublisher publisher;
  CHECK(repository.find(DraftId::numbered(1), Deadline::after(10s)).value() == std::nullopt);
  CHECK(publisher.messages().empty());
}
