#include <doctest/doctest.h>

#include <chrono>
#include <coroutine>
#include <memory>
#include <new>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <adapters/async/guarded_future.hpp>
#include <adapters/async/inbox.hpp>
#include <adapters/async/loop.hpp>
#include <adapters/async/promise.hpp>

#include <event_draft/task.hpp>
#include <event_draft/testing/printing.hpp>

#include "allocation_limit.hpp"

using namespace event_draft;
using namespace event_draft::adapters;
using namespace std::chrono_literals;

namespace {

struct OneLoop {
  boost::asio::io_context context{};
  Loop loop{context};

  /// Turns the loop until the task has ended, or gives up.
  template <class T>
  void run(Task<T>& task) {
    const auto give_up = Deadline::after(10s);
    while (!task.is_done() && !give_up.expired()) context.run_one_for(100ms);
    REQUIRE(task.is_done());
  }
};

Task<Result<int>> awaited(Future<int> future) { co_return co_await std::move(future); }

}  // namespace

TEST_CASE("an answer that is there is not waited for") {
  OneLoop one;
  Promise<int> promise{one.loop, Deadline::after(10s)};
  promise.set(7);
  auto task = awaited(promise.future());
  task.start();
  REQUIRE(task.is_done());
  CHECK(task.get().value() == 7);
}

TEST_CASE("an answer that is known from the start is not waited for, and takes no memory" *
          doctest::skip(!test::replaceable_new)) {
  const auto before = test::allocations();
  Future<int> future{7};
  Future<int> moved{std::move(future)};
  Future<void> failure{Errc::deadline_exceeded};
  CHECK(moved.await_ready());
  CHECK(moved.await_resume().value() == 7);
  CHECK(failure.await_ready());
  CHECK(failure.await_resume().error() == Error{Errc::deadline_exceeded});
  CHECK(test::allocations() == before);
}

TEST_CASE(
    "who waits goes on in the loop's next turn, not in the middle of what the adapter does; the first answer counts") {
  OneLoop one;
  Promise<int> promise{one.loop, Deadline::after(10s)};
  auto task = awaited(promise.future());
  task.start();
  CHECK(promise.is_wanted());
  promise.set(7);
  promise.set(8);
  CHECK_FALSE(promise.is_wanted());
  CHECK_FALSE(task.is_done());
  one.run(task);
  CHECK(task.get().value() == 7);
}

TEST_CASE("a call that is late: nothing was done before it was sent, and afterwards nobody knows") {
  for (const bool is_sent : {false, true}) {
    CAPTURE(is_sent);
    OneLoop one;
    const auto began = std::chrono::steady_clock::now();
    Promise<int> promise{one.loop, Deadline{began + 30ms}};
    if (is_sent) promise.is_sent();
    auto task = awaited(promise.future());
    task.start();
    one.run(task);
    CHECK(std::chrono::steady_clock::now() - began >= 30ms);
    const auto certainty = is_sent ? Certainty::unknown : Certainty::not_applied;
    CHECK(task.get().error() == Error{Errc::deadline_exceeded, {}, certainty});
    promise.set(7);  // the answer that came too late is heard by nobody
  }
}

TEST_CASE("a call that was sent, and has certainly done nothing, is late as one that was not sent") {
  OneLoop one;
  Promise<int> promise{one.loop, Deadline::after(20ms)};
  promise.is_sent();
  promise.is_undone();
  auto task = awaited(promise.future());
  task.start();
  one.run(task);
  CHECK(task.get().error() == Error{Errc::deadline_exceeded});
}

TEST_CASE("another thread takes a call only as long as somebody waits for it") {
  OneLoop one;
  SUBCASE("who waits has gone") {
    Promise<int> promise{one.loop, Deadline::after(10s)};
    { auto future = promise.future(); }
    CHECK_FALSE(promise.take());
  }
  SUBCASE("who waits has been told that it is late, and that nothing was done") {
    Promise<int> promise{one.loop, Deadline::after(1ms)};
    auto task = awaited(promise.future());
    task.start();
    one.run(task);
    CHECK_FALSE(promise.take());
    CHECK(task.get().error() == Error{Errc::deadline_exceeded});
  }
  SUBCASE("it is late, and who waits has not looked yet") {
    Promise<int> promise{one.loop, Deadline::after(1ms)};
    auto future = promise.future();
    const auto give_up = Deadline::after(10s);
    while (!future.await_ready() && !give_up.expired()) one.context.run_one_for(100ms);
    REQUIRE(future.await_ready());
    CHECK_FALSE(promise.take());
    CHECK(future.await_resume().error() == Error{Errc::deadline_exceeded});
  }
  SUBCASE("one that is taken stays so: it may be made again, and nobody knows what it has done if it is late") {
    Promise<int> promise{one.loop, Deadline::after(1ms)};
    auto task = awaited(promise.future());
    task.start();
    CHECK(promise.take());
    one.run(task);
    CHECK(promise.take());
    CHECK(task.get().error() == Error{Errc::deadline_exceeded, {}, Certainty::unknown});
  }
}

TEST_CASE("deadlines further away than the wheel turns, and nearer ones that began later, each have their time") {
  OneLoop one;
  const auto began = std::chrono::steady_clock::now();
  Promise<int> far{one.loop, Deadline{began + 1100ms}};
  Promise<int> near{one.loop, Deadline{began + 20ms}};
  Promise<int> endless{one.loop, Deadline{SteadyTime::max()}};
  auto late = awaited(far.future());
  auto soon = awaited(near.future());
  late.start();
  soon.start();
  one.run(soon);
  CHECK(std::chrono::steady_clock::now() - began < 1s);
  one.run(late);
  CHECK(std::chrono::steady_clock::now() - began >= 1100ms);
  CHECK(endless.is_wanted());
}

TEST_CASE("who no longer waits is not woken, even when the answer is there and the loop has not turned yet") {
  OneLoop one;
  Promise<int> promise{one.loop, Deadline::after(10s)};
  {
    auto task = awaited(promise.future());
    task.start();
    promise.set(7);
  }
  one.context.run_for(10ms);
  Promise<int> unanswered{one.loop, Deadline::after(10s)};
  {
    auto task = awaited(unanswered.future());
    task.start();
  }
  CHECK_FALSE(unanswered.is_wanted());
}

TEST_CASE("what one that goes on throws is not the others' affair") {
  OneLoop one;
  struct Loud {
    struct promise_type {
      Loud get_return_object() { return Loud{std::coroutine_handle<promise_type>::from_promise(*this)}; }
      static std::suspend_never initial_suspend() noexcept { return {}; }
      static std::suspend_always final_suspend() noexcept { return {}; }
      static void return_void() {}
      [[noreturn]] static void unhandled_exception() { throw; }
    };
    explicit Loud(std::coroutine_handle<> its_coroutine) : coroutine{its_coroutine} {}
    Loud(const Loud&) = delete;
    Loud& operator=(const Loud&) = delete;
    ~Loud() { coroutine.destroy(); }
    std::coroutine_handle<> coroutine;
  };
  Promise<int> loud{one.loop, Deadline::after(10s)};
  const Loud throws = [](Future<int> future) -> Loud {
    static_cast<void>(co_await std::move(future));
    throw 7;
  }(loud.future());
  Promise<int> promise{one.loop, Deadline::after(10s)};
  auto task = awaited(promise.future());
  task.start();
  loud.set(1);
  promise.set(2);
  CHECK_THROWS_AS(one.run(task), int);
  one.run(task);
  CHECK(task.get().value() == 2);
}

TEST_CASE("a loop with nothing to watch lets its context end") {
  OneLoop one;
  {
    Promise<int> promise{one.loop, Deadline::after(20ms)};
    promise.set(1);
  }
  const auto began = std::chrono::steady_clock::now();
  one.context.run_for(10s);
  CHECK(std::chrono::steady_clock::now() - began < 5s);
}

TEST_CASE("a loop that found no memory for its clock keeps the deadlines of later calls" *
          doctest::skip(!test::replaceable_new)) {
  bool is_made = false;
  for (std::size_t allowed = 0; !is_made; ++allowed) {
    CAPTURE(allowed);
    OneLoop one;
    {
      const test::AllocationLimit limit{allowed};
      try {
        const Promise<int> promise{one.loop, Deadline::after(5ms)};
        is_made = true;
      } catch (const std::bad_alloc&) {
      }
    }
    const auto wait = [&]() -> Task<Result<int>> {
      Promise<int> promise{one.loop, Deadline::after(20ms)};
      co_return co_await promise.future();
    };
    auto task = wait();
    task.start();
    one.run(task);
    CHECK(task.get().error() == Errc::deadline_exceeded);
  }
}

namespace {

struct Numbered final : Letter {
  Numbered(int its_number, std::vector<int>& its_answered) : number{its_number}, answered{its_answered} {}
  void answer() noexcept override { answered.push_back(number); }
  int number;
  std::vector<int>& answered;
};

}  // namespace

TEST_CASE("what other threads put into an inbox is answered in its order, all that is there in one turn of the loop") {
  OneLoop one;
  const auto inbox = std::make_shared<Inbox>(one.context);
  std::vector<int> answered;
  for (int round = 0; round != 2; ++round) {
    std::thread{[&] {
      for (int number = 0; number != 100'000; ++number) inbox->put(std::make_shared<Numbered>(number, answered));
    }}.join();
    CHECK(answered.empty());
    one.context.restart();
    CHECK(one.context.run_one_for(10s) == 1);
    REQUIRE(answered.size() == 100'000);
    for (int number = 0; number != 100'000; ++number) REQUIRE(answered[static_cast<std::size_t>(number)] == number);
    CHECK(one.context.poll() == 0);  // it was posted once for all of them
    answered.clear();
  }
  inbox->close();
}

TEST_CASE("an inbox that closes answers what is there; what comes afterwards is let go of, and no longer posted") {
  OneLoop one;
  const auto inbox = std::make_shared<Inbox>(one.context);
  std::vector<int> answered;
  inbox->put(std::make_shared<Numbered>(1, answered));
  inbox->close();
  CHECK_FALSE(inbox->is_open());
  CHECK(answered == std::vector{1});
  const auto late = std::make_shared<Numbered>(2, answered);
  inbox->put(late);
  CHECK(late.use_count() == 1);
  CHECK(one.context.run_for(10ms) == 1);  // the first one's, which finds nothing
  CHECK(answered == std::vector{1});
}

TEST_CASE("a circuit hears how an awaited call went") {
  OneLoop one;
  Circuit<> circuit{{.failures = 1, .open_for = 1ms}};
  const auto call = [&](Deadline deadline) {
    auto pass = circuit.pass(deadline);
    REQUIRE(pass);
    Promise<int> promise{one.loop, deadline};
    auto future = promise.future();
    return std::pair{promise, GuardedFuture<int>{std::move(future), std::move(pass)}};
  };
  const auto wait = [](GuardedFuture<int> guarded) -> Task<Result<int>> { co_return co_await guarded; };

  auto [good, well] = call(Deadline::after(5s));
  auto first = wait(std::move(well));
  first.start();
  good.set(1);
  one.run(first);
  CHECK(first.get().value() == 1);
  CHECK_FALSE(circuit.is_open());

  auto [silent, badly] = call(Deadline::after(20ms));
  auto second = wait(std::move(badly));
  second.start();
  one.run(second);
  CHECK(second.get().error() == Errc::deadline_exceeded);
  CHECK(circuit.is_open());

  std::this_thread::sleep_for(5ms);
  auto [back, probe] = call(Deadline::after(5s));
  auto third = wait(std::move(probe));
  third.start();
  back.set(1);
  one.run(third);
  CHECK_FALSE(circuit.is_open());
}
