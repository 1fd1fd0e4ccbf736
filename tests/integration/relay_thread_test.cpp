#include "relay_thread.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

namespace event_draft::server {
namespace {

using namespace std::chrono_literals;

RelayPass resting() {
  RelayPass pass;
  pass.wait = std::chrono::hours{1};
  return pass;
}

/// Counts what the thread does, and gives each pass the answer that the test wants.
struct Work {
  std::atomic<int> passes = 0;
  std::atomic<int> looks = 0;
  RelayPass answer = resting();

  RelayTasks tasks() {
    return {[this] {
              ++passes;
              return answer;
            },
            [this] { ++looks; }};
  }
};

/// Waits for what another thread is to do, but not for ever.
bool soon(const std::function<bool()>& happened) {
  for (const auto end = std::chrono::steady_clock::now() + 10s; std::chrono::steady_clock::now() < end;) {
    if (happened()) return true;
    std::this_thread::sleep_for(1ms);
  }
  return false;
}

StepReport publish_report(Operation operation, StepOutcome outcome) {
  return {operation, Step::publish, outcome, {}, 123, "draft-1", {}};
}

TEST_CASE("passes follow each other as they say") {
  RelayBell bell;
  Work work;
  work.answer.wait = 1ms;
  const RelayThread thread{bell, work.tasks()};
  CHECK(soon([&] { return work.passes >= 10; }));
}

TEST_CASE("a request that leaves an event pending wakes the relay, and nothing else that is observed does") {
  RelayBell bell;
  Work work;
  const RelayThread thread{bell, work.tasks()};
  REQUIRE(soon([&] { return work.passes == 1; }));
  bell.on_step(publish_report(Operation::create, StepOutcome::ok));
  bell.on_step(publish_report(Operation::relay, StepOutcome::pending));
  bell.on_step({Operation::create, Step::save, StepOutcome::failed, {}, 123, {}, {}});
  std::this_thread::sleep_for(50ms);
  CHECK(work.passes == 1);
  bell.on_step(publish_report(Operation::create, StepOutcome::pending));
  CHECK(soon([&] { return work.passes == 2; }));
  bell.on_step(publish_report(Operation::approve, StepOutcome::pending));
  CHECK(soon([&] { return work.passes == 3; }));
}

TEST_CASE("what rings during a pass is not forgotten") {
  RelayBell bell;
  std::atomic<int> passes = 0;
  const RelayThread thread{bell,
                           {[&] {
                              if (++passes == 1) bell.ring();
                              return resting();
                            },
                            [] {}}};
  CHECK(soon([&] { return passes == 2; }));
}

TEST_CASE("whatever failed before, whoever rings is heard: the relay itself knows when it is too early") {
  for (const Errc error : {Errc::event_rejected, Errc::publisher_unavailable}) {
    RelayBell bell;
    Work work;
    work.answer.error = error;
    const RelayThread thread{bell, work.tasks()};
    REQUIRE(soon([&] { return work.passes == 1; }));
    bell.ring();
    CHECK(soon([&] { return work.passes == 2; }));
  }
}

TEST_CASE("it stops at once, after one more pass and look, and only once") {
  RelayBell bell;
  Work work;
  RelayThread thread{bell, work.tasks()};
  REQUIRE(soon([&] { return work.looks == 1; }));
  const auto began = std::chrono::steady_clock::now();
  thread.stop();
  CHECK(std::chrono::steady_clock::now() - began < 5s);
  CHECK(work.passes == 2);
  CHECK(work.looks == 2);
  thread.stop();
  CHECK(work.passes == 2);
}

}  // namespace
}  // namespace event_draft::server
