#include <doctest/doctest.h>

#include <adapters/pool/connection_pool.hpp>
#include <atomic>
#include <chrono>
#include <memory>
#include <new>
#include <thread>
#include <utility>
#include <vector>

#include <event_draft/testing/contracts.hpp>

#include "../integration/standstills.hpp"

using namespace event_draft;
using testing::contracts::at_once;

namespace {

/// A connection that says of itself what the test wants.
struct Connection {
  int number = 0;
  std::shared_ptr<std::atomic<bool>> idle = std::make_shared<std::atomic<bool>>(true);

  [[nodiscard]] bool is_idle() const noexcept { return *idle; }
};
using Pool = adapters::ConnectionPool<Connection>;

Deadline soon() { return Deadline::after(std::chrono::seconds{5}); }
Deadline at_hand() { return Deadline::after(std::chrono::milliseconds{20}); }

struct Numbered {
  int opened = 0;
  Result<Connection> operator()(Deadline) { return Connection{++opened}; }
};

/// Opens nothing; counts how many try, and how many at once.
struct Refusing {
  std::atomic<int> tries = 0;
  std::atomic<int> now = 0;
  std::atomic<int> most = 0;

  Result<Connection> operator()(Deadline) {
    ++tries;
    int seen = most;
    const int here = ++now;
    while (here > seen && !most.compare_exchange_weak(seen, here)) {
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
    --now;
    return Errc::cache_unavailable;
  }
};

TEST_CASE("connection pool: while the server can't be reached, callers fail at once and one at a time tries again") {
  Refusing server;
  Pool pool{8, Errc::cache_unavailable, [&](Deadline deadline) { return server(deadline); }};
  using Clock = std::chrono::steady_clock;
  const auto began = Clock::now();
  constexpr std::chrono::milliseconds span{400};
  testing::Standstills standstills;
  const auto outcomes = at_once(40, [&](std::size_t) -> Result<int> {
    int calls = 0;
    const auto end = Clock::now() + span;
    for (const Deadline patience = soon(); Clock::now() < end || (server.tries < 3 && !patience.expired()); ++calls) {
      const auto asked = Clock::now();
      const auto loan = pool.borrow(Deadline::after(std::chrono::seconds{30}));
      CHECK((!loan && loan.assume_error() == Error{Errc::cache_unavailable}));
      CHECK(standstills.without(asked, Clock::now()) < std::chrono::milliseconds{200});
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    return calls;
  });
  CHECK(server.most <= 2);
  const auto took = Clock::now() - began;
  int calls = 0;
  for (const auto& outcome : outcomes) calls += outcome->value();
  CHECK(server.tries >= 3);
  CHECK(server.tries.load() * span <= 20 * took);
  CHECK(calls >= 10 * server.tries);  // who does not try waits for nothing
  CHECK(pool.size().all == 0);
}

TEST_CASE("connection pool: a server that does not answer holds up one caller at a time, not all of them") {
  std::atomic<int> tries = 0;
  Pool pool{8, Errc::cache_unavailable, [&](Deadline deadline) -> Result<Connection> {
              ++tries;
              std::this_thread::sleep_until(deadline.at());
              return Errc::deadline_exceeded;
            }};
  const auto outcomes = at_once(16, [&](std::size_t) -> Result<int> {
    int at_once_failed = 0;
    for (int i = 0; i != 5; ++i) {
      const auto loan = pool.borrow(Deadline::after(std::chrono::milliseconds{100}));
      CHECK_FALSE(loan.has_value());
      at_once_failed += !loan && loan.assume_error() == Error{Errc::cache_unavailable} ? 1 : 0;
    }
    return at_once_failed;
  });
  int at_once_failed = 0;
  for (const auto& outcome : outcomes) at_once_failed += outcome->value();
  CHECK(at_once_failed >= 40);
  CHECK(tries <= 20);
}

TEST_CASE("connection pool: while the server refuses more, callers wait for a connection that is in use") {
  bool refuses = false;
  int refused = 0;
  Pool pool{8, Errc::cache_unavailable, [&](Deadline) -> Result<Connection> {
              if (!refuses) return Connection{1};
              ++refused;
              return Errc::cache_unavailable;
            }};
  auto loan = pool.borrow(soon());
  REQUIRE(loan.has_value());
  refuses = true;
  const auto began = std::chrono::steady_clock::now();
  CHECK(pool.borrow(soon()).error() == Errc::cache_unavailable);  // it was told so itself
  std::jthread waiting{[&] {
    const Deadline patience = soon();
    int failed = 1;
    while (!pool.borrow(soon()) && !patience.expired()) ++failed;
    CHECK_FALSE(patience.expired());
    CHECK(failed == refused);  // each time it had its turn to try, and was told so itself
    CHECK((refused - 1) * std::chrono::milliseconds{10} <= std::chrono::steady_clock::now() - began);
  }};
  std::this_thread::sleep_for(std::chrono::milliseconds{5});
  { const auto ends = std::move(loan); }
}

TEST_CASE("connection pool: an exception while connecting gives the place back") {
  Pool pool{1, Errc::cache_unavailable, [](Deadline) -> Result<Connection> { throw std::bad_alloc{}; }};
  for (int i = 0; i != 3; ++i) {
    const auto loan = pool.borrow(Deadline::after(std::chrono::seconds{1}));
    REQUIRE_FALSE(loan.has_value());
    CHECK(loan.assume_error().certainty == Certainty::not_applied);
    CHECK(pool.size().all == 0);
  }
}

TEST_CASE("connection pool: the one that was used last is taken first, and none is made while one is idle") {
  Numbered server;
  Pool pool{4, Errc::cache_unavailable, [&](Deadline deadline) { return server(deadline); }};
  {
    auto first = pool.borrow(soon());
    auto second = pool.borrow(soon());
    REQUIRE((first.has_value() && second.has_value()));
    CHECK(pool.size().all == 2);
    CHECK(pool.size().idle == 0);
  }  // the second goes back first
  CHECK(pool.size().idle == 2);
  CHECK(pool.borrow(soon()).value()->number == 1);
  CHECK(pool.borrow(soon()).value()->number == 1);
  CHECK(server.opened == 2);
}

TEST_CASE("connection pool: one that is not idle is dropped, when it comes back and when it is to be lent") {
  Numbered server;
  Pool pool{1, Errc::cache_unavailable, [&](Deadline deadline) { return server(deadline); }};
  {
    auto loan = pool.borrow(soon());
    REQUIRE(loan.has_value());
    *loan.value()->idle = false;
  }
  CHECK(pool.size().all == 0);
  std::shared_ptr<std::atomic<bool>> idle;
  {
    auto loan = pool.borrow(soon());
    REQUIRE(loan.has_value());
    CHECK(loan.value()->number == 2);
    idle = loan.value()->idle;
  }
  CHECK(pool.size().idle == 1);
  *idle = false;
  CHECK(pool.borrow(soon()).value()->number == 3);
}

TEST_CASE(
    "connection pool: there are never more than allowed, and who waits gets one that comes back, or his deadline") {
  Numbered server;
  Pool pool{1, Errc::cache_unavailable, [&](Deadline deadline) { return server(deadline); }};
  auto loan = pool.borrow(soon());
  REQUIRE(loan.has_value());
  CHECK(pool.borrow(at_hand()).error() == Error{Errc::deadline_exceeded});
  CHECK(pool.borrow(Deadline::after(std::chrono::milliseconds{-1})).error() == Error{Errc::deadline_exceeded});
  std::jthread waiting{[&] { CHECK(pool.borrow(soon()).value()->number == 1); }};
  std::this_thread::sleep_for(std::chrono::milliseconds{10});
  { const auto ends = std::move(loan); }
  waiting.join();
  CHECK(server.opened == 1);
}

}  // namespace
