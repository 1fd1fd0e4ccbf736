#include <doctest/doctest.h>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <event_draft/deadline.hpp>
#include <future>
#include <stdexcept>
#include <thread>

#include "places.hpp"
#include "worker_pool.hpp"

using namespace event_draft;
using namespace event_draft::server;
using namespace std::chrono_literals;

namespace {

template <class T>
T run_to_end(boost::asio::io_context& loop, Task<T>& task) {
  task.start();
  while (!task.is_done()) loop.run_one_for(1s);
  return task.get();
}

}  // namespace

TEST_CASE("work is done on a worker, and who waits goes on in the loop") {
  boost::asio::io_context loop;
  const auto work = boost::asio::make_work_guard(loop);
  WorkerPool pool{1, 30s};
  std::thread::id worker, after;
  const auto wait = [&]() -> Task<int> {
    const auto done = co_await pool.run(loop, [&] {
      worker = std::this_thread::get_id();
      return 7;
    });
    after = std::this_thread::get_id();
    co_return done;
  };
  auto task = wait();
  CHECK(run_to_end(loop, task) == 7);
  CHECK(worker != std::this_thread::get_id());
  CHECK(after == std::this_thread::get_id());
}

TEST_CASE("what work throws is thrown at who waits for it") {
  boost::asio::io_context loop;
  const auto work = boost::asio::make_work_guard(loop);
  WorkerPool pool{1, 30s};
  auto task = pool.run(loop, []() -> int { throw std::runtime_error{"work"}; });
  CHECK_THROWS_WITH(run_to_end(loop, task), "work");
}

TEST_CASE("work that has waited too long for a worker is not done, and who waits is told so in time") {
  boost::asio::io_context loop;
  const auto work = boost::asio::make_work_guard(loop);
  WorkerPool pool{1, 50ms};
  std::promise<void> begun, gate;
  std::atomic<int> done = 0;
  auto first = pool.run(loop, [&] {
    begun.set_value();
    gate.get_future().wait_for(10s);
    return ++done;
  });
  first.start();
  begun.get_future().wait_for(10s);
  auto second = pool.run(loop, [&] { return ++done; });
  second.start();
  while (!second.is_done()) loop.run_one_for(1s);
  CHECK_THROWS_AS(second.get(), NoWorker);
  CHECK_FALSE(first.is_done());
  gate.set_value();
  while (!first.is_done()) loop.run_one_for(1s);
  CHECK(first.get() == 1);  // work that is slow is no wait
  const auto third = [&] {  // behind the one that nobody waits for, of which the worker may hear late
    for (const auto patience = Deadline::after(10s);;) {
      auto behind = pool.run(loop, [&] { return done.load(); });
      try {
        return run_to_end(loop, behind);
      } catch (const NoWorker&) {
        if (patience.expired()) throw;
      }
    }
  };
  CHECK(third() == 1);
  CHECK(done == 1);
}

TEST_CASE("there are as many places as were said, and one that is left is free") {
  Places places{2};
  const auto first = places.try_enter();
  auto second = places.try_enter();
  CHECK(first);
  CHECK(second);
  CHECK_FALSE(places.try_enter());
  second.reset();
  CHECK(places.try_enter());
}
