#include <doctest/doctest.h>

#include <adapters/pool/connection_pool.hpp>
#include <adapters/pool/turns.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <event_draft/decorators/circuit_breaking.hpp>
#include <event_draft/ports.hpp>
#include <event_draft/testing/contracts.hpp>

using namespace event_draft;
using adapters::Turns;
using testing::contracts::at_once;
using namespace std::chrono_literals;

namespace {

Deadline soon() { return Deadline::after(5s); }

struct Connection {
  [[nodiscard]] bool is_idle() const noexcept { return true; }
};

/// Two connections to a server that is well, but whose answers wait for `server_goes_on`.
struct Cache {
  std::atomic<int> asked = 0;
  std::atomic<bool> server_goes_on = false;
  adapters::ConnectionPool<Connection> pool{2, Errc::cache_unavailable,
                                            [](Deadline) -> Result<Connection> { return Connection{}; }};

  Result<std::optional<std::string>> get(std::string_view, Deadline deadline) {
    BOOST_OUTCOME_TRY(const auto connection, pool.borrow(deadline));
    ++asked;
    server_goes_on.wait(false);
    return std::optional<std::string>{};
  }
  Result<void> set(std::span<const CacheWrite>, Deadline) { return success(); }
};
static_assert(DraftCache<Cache>);

TEST_CASE("turns: a server whose connections are all in use is not taken for one that is down") {
  Cache cache;
  CircuitBreaking breaking{cache};
  Turns turns{2};
  const auto get = [&](Deadline deadline) {
    return turns.take(deadline, [&] { return breaking.get("key", deadline); });
  };
  std::vector<std::jthread> callers;
  for (int i = 0; i != 2; ++i) callers.emplace_back([&] { CHECK(get(soon())); });
  for (const Deadline until = soon(); cache.asked != 2 && !until.expired();) std::this_thread::sleep_for(1ms);

  const auto busy = get(Deadline::after(30ms));
  CHECK((busy.has_error() && busy.assume_error() == Error{Errc::deadline_exceeded}));
  CHECK_FALSE(breaking.is_open());
  CHECK(cache.asked == 2);

  cache.server_goes_on = true;
  cache.server_goes_on.notify_all();
  CHECK(get(soon()));
}

TEST_CASE("turns: there are never more calls than allowed, and a turn comes back however its call ends") {
  Turns turns{2};
  std::atomic<int> now = 0;
  std::atomic<int> most = 0;
  const auto outcomes = at_once(16, [&](std::size_t i) -> Result<int> {
    try {
      return turns.take(soon(), [&]() -> Result<int> {
        int seen = most;
        const int here = ++now;
        while (here > seen && !most.compare_exchange_weak(seen, here)) {
        }
        std::this_thread::sleep_for(2ms);
        --now;
        if (i % 3 == 1) return Errc::cache_unavailable;
        if (i % 3 == 2) throw std::runtime_error{"of the call"};
        return 1;
      });
    } catch (const std::runtime_error&) {
      return 2;
    }
  });
  CHECK(most == 2);
  for (std::size_t i = 0; i != outcomes.size(); ++i) CHECK(outcomes[i]->has_value() == (i % 3 != 1));
}

}  // namespace
