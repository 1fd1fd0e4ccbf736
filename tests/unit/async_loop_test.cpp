#include <doctest/doctest.h>

#include <chrono>
#include <coroutine>
#include <optional>
#include <utility>

#include <adapters/async/loop.hpp>
#include <adapters/async/promise.hpp>

#include <event_draft/task.hpp>
#include <event_draft/testing/printing.hpp>

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
