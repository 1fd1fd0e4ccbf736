#include <doctest/doctest.h>

#include <adapters/kafka/async_kafka_publisher.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <event_draft/task.hpp>

#include "kafka_fixture.hpp"

// What the publisher does for an event loop, which the test runs itself. What Kafka does is tested with the blocking
// one, and what the publisher makes of it with both: kafka_acknowledgement_test.cpp, kafka_failover_test.cpp.
namespace event_draft::kafka {
namespace {

Task<Result<void>> awaited(adapters::Future<void> future) { co_return co_await std::move(future); }

struct Looped : Fixture {
  boost::asio::io_context context{};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{context.get_executor()};
  adapters::Loop loop{context};
  std::optional<AsyncKafkaPublisher> looped{std::in_place, loop, publisher};
  std::size_t handlers = 0;

  Task<Result<void>> begin(std::uint64_t number, Deadline deadline) {
    const EventMessage message = message_of(sample_draft(number));
    auto task = awaited(looped->publish(message, deadline));  // the message is copied by now
    task.start();
    return task;
  }
  Result<void> end(Task<Result<void>>& task) {
    const auto patience = Deadline::after(30s);
    while (!task.is_done()) {
      REQUIRE_FALSE(patience.expired());
      handlers += context.run_one_for(50ms);
    }
    return task.get();
  }
};

}  // namespace

TEST_CASE_FIXTURE(Looped,
                  "many at once: each is acknowledged, and what is reported together takes one turn of the loop") {
  std::deque<Task<Result<void>>> tasks;
  for (int i = 0; i != 500; ++i) tasks.push_back(begin(next_number(), Deadline::after(20s)));
  for (auto& task : tasks) CHECK(end(task));
  CHECK(publisher.statistics().acknowledged >= 500);
  CHECK(handlers < 400);  // a turn for each report, and one for each waiter, would be a thousand
}

TEST_CASE_FIXTURE(Looped, "while the broker hangs a publish ends by its deadline, and its late report harms nobody") {
  await_server();
  pause();
  const auto began = Clock::now();
  auto late = begin(next_number(), Deadline{began + 150ms});
  const auto result = end(late);
  CHECK(Clock::now() - began >= 150ms);
  CHECK(Clock::now() - began < 2s);
  CHECK(result == Result<void>{Error{Errc::deadline_exceeded, {}, Certainty::unknown}});
  { const auto forgotten = begin(next_number(), Deadline::after(20s)); }
  server.resume();
  auto next = begin(next_number(), Deadline::after(20s));
  CHECK(end(next));
  context.run_for(200ms);
}

TEST_CASE_FIXTURE(Looped, "reports that come after the loop's publisher has ended are heard by nobody") {
  for (int i = 0; i != 100; ++i)
    static_cast<void>(looped->publish(message_of(sample_draft(next_number())), Deadline::after(20s)));
  looped.reset();
  const auto before = publisher.statistics().acknowledged;
  const auto until = Deadline::after(20s);
  while (publisher.statistics().acknowledged < before + 1 && publisher.statistics().waiting != 0 && !until.expired()) {
    context.run_one_for(20ms);
  }
  auto direct = publisher.publish(message_of(sample_draft(next_number())), Deadline::after(20s));
  CHECK(direct);
}

TEST_CASE_FIXTURE(Looped,
                  "what does not fit in the queue fails at once; what waits there is given up with the publisher") {
  Config config{.brokers = "127.0.0.1:1"};  // nobody listens there
  config.properties = {{"queue.buffering.max.messages", "3"}};
  config.warm_up = 0ms;
  config.flush = 0ms;
  KafkaPublisher narrow{config};
  looped.emplace(loop, narrow);
  std::deque<Task<Result<void>>> tasks;
  for (int i = 0; i != 5; ++i) tasks.push_back(begin(next_number(), Deadline::after(100ms)));
  for (std::size_t i = 3; i != 5; ++i) {
    REQUIRE(tasks[i].is_done());
    CHECK(tasks[i].get() == Result<void>{Error{Errc::publisher_unavailable}});
  }
  for (std::size_t i = 0; i != 3; ++i) {
    CHECK(end(tasks[i]) == Result<void>{Error{Errc::deadline_exceeded, {}, Certainty::unknown}});
  }
  looped.reset();
}

TEST_CASE_FIXTURE(Looped, "a call whose time is over is not handed over") {
  const auto waiting = publisher.statistics().waiting;
  auto late = begin(next_number(), Deadline{SteadyTime{}});
  CHECK(end(late) == Result<void>{Error{Errc::deadline_exceeded}});
  CHECK(publisher.statistics().waiting == waiting);
}

}  // namespace event_draft::kafka
