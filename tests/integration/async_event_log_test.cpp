#include <doctest/doctest.h>

#include <adapters/event_log/async_json_lines_publisher.hpp>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <future>
#include <iterator>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <event_draft/task.hpp>

#include "../contract/turned_loop.hpp"
#include "disk_faults.hpp"
#include "event_log_fixture.hpp"

using namespace event_draft;
using namespace event_draft::testing;
using namespace std::chrono_literals;

// What the publisher does for event loops. What becomes of the file is tested with the blocking one.
namespace {

using event_log::AsyncJsonLinesPublisher;
using event_log::JsonLinesPublisher;

/// One loop with its publisher; the thread that has made it runs it.
class OneLoop : public TurnedLoop {
 public:
  explicit OneLoop(JsonLinesPublisher& shared) : publisher{std::in_place, get(), shared} {}

  Task<Result<void>> publish(std::uint64_t number, Deadline deadline = in_good_time()) {
    return started(publisher->publish(message(number), deadline));
  }
  Result<void> published(std::uint64_t number, Deadline deadline = in_good_time()) {
    auto task = publish(number, deadline);
    return result(task);
  }
  Result<void> ready(Deadline deadline = in_good_time()) {
    auto task = started(publisher->ready(deadline));
    return result(task);
  }

  /// Asks for them all before the loop turns.
  std::deque<Task<Result<void>>> publish_all(std::uint64_t first, std::uint64_t count,
                                             Deadline deadline = in_good_time()) {
    std::deque<Task<Result<void>>> tasks;
    for (std::uint64_t number = first; number != first + count; ++number) tasks.push_back(publish(number, deadline));
    return tasks;
  }

  std::optional<AsyncJsonLinesPublisher> publisher;
};

struct Log : LogFolder {
  JsonLinesPublisher shared{{.path = log}};
};

struct LoopedLog : Log {
  OneLoop loop{shared};
};

struct HangingDisk {
  HangingDisk() { DiskFaults::hanging = true; }
  ~HangingDisk() { DiskFaults::hanging = false; }
  HangingDisk(const HangingDisk&) = delete;
  HangingDisk& operator=(const HangingDisk&) = delete;
};

/// The log in the middle of a sync of event 1'000'000: what is published meanwhile is its next write.
class BusyLog {
 public:
  static constexpr std::uint64_t number = 1'000'000;
  static constexpr const char* key = "draft-1000000";

  explicit BusyLog(OneLoop& loop, Deadline deadline = in_good_time()) : loop_{loop} {
    const int before = DiskFaults::syncs;
    task_.emplace(loop.publish(number, deadline));
    loop.turn_until([&] { return DiskFaults::syncs != before; });
  }
  Result<void> result() { return loop_.result(*task_); }

  static void go_on() { DiskFaults::hanging = false; }

 private:
  HangingDisk disk_;
  OneLoop& loop_;
  std::optional<Task<Result<void>>> task_;
};

Keys keys_of(std::uint64_t first, std::uint64_t count) {
  Keys keys;
  for (std::uint64_t number = first; number != first + count; ++number) {
    keys.emplace_back(DraftId::numbered(number).view());
  }
  return keys;
}

}  // namespace

TEST_CASE_FIXTURE(LoopedLog, "events that come during a sync share the next write and sync, in their order") {
  BusyLog busy{loop};
  auto tasks = loop.publish_all(1, 500);
  CHECK(std::ranges::none_of(tasks, [](const auto& task) { return task.is_done(); }));
  const int syncs = DiskFaults::syncs;
  busy.go_on();
  CHECK(loop.results(tasks) == std::vector<Result<void>>(500, success()));
  CHECK(busy.result());
  CHECK(DiskFaults::syncs == syncs + 1);
  auto keys = keys_of(1, 500);
  keys.insert(keys.begin(), BusyLog::key);
  CHECK(this->keys() == keys);
}

TEST_CASE_FIXTURE(LoopedLog, "what comes together and is too long for one write takes more, and each event is whole") {
  BusyLog busy{loop};
  const std::string source(100'000, 's');
  std::deque<Task<Result<void>>> tasks;
  for (std::uint64_t number = 1; number <= 200; ++number) {
    tasks.push_back(started(loop.publisher->publish(message(number, source), in_good_time())));
  }
  const int syncs = DiskFaults::syncs;
  busy.go_on();
  CHECK(loop.results(tasks) == std::vector<Result<void>>(200, success()));
  CHECK(DiskFaults::syncs == syncs + 3);  // of 20 MB: a crash in one write of it would leave more than is cut off
  CHECK(keys().size() == 201);
}

TEST_CASE_FIXTURE(LoopedLog,
                  "what is late or wanted by nobody leaves no line; only what was being written is unknown") {
  const auto began = std::chrono::steady_clock::now();
  const Deadline deadline{began + 200ms};
  BusyLog busy{loop, deadline};
  auto waits = loop.publish(1, deadline);
  auto ready = started(loop.publisher->ready(deadline));
  { const auto forgotten = loop.publish(2); }
  static_cast<void>(loop.publisher->publish(message(3), in_good_time()));
  CHECK(error_of(loop.result(waits)) == late);
  CHECK(error_of(loop.result(ready)) == late);
  CHECK(error_of(busy.result()) == late_and_unknown);
  CHECK(std::chrono::steady_clock::now() - began < 10s);  // the disk still hangs
  const int syncs = DiskFaults::syncs;
  busy.go_on();
  CHECK(loop.published(4));
  CHECK(DiskFaults::syncs == syncs + 1);
  CHECK(keys() == Keys{BusyLog::key, "draft-4"});
  auto expired = loop.publish(5, Deadline::after(0ms));
  REQUIRE(expired.is_done());
  CHECK(error_of(expired.get()) == late);
  CHECK(keys().size() == 2);
}

TEST_CASE_FIXTURE(LoopedLog, "an event that is late when the log comes to it is not written, though its loop is busy") {
  BusyLog busy{loop};
  const auto deadline = soon();
  auto waits = loop.publish(1, deadline);
  std::this_thread::sleep_until(deadline.at() + 1ms);
  busy.go_on();
  CHECK(shared.publish(message(2), in_good_time()));
  CHECK(error_of(loop.result(waits)) == late);
  CHECK(keys() == Keys{BusyLog::key, "draft-2"});
}

TEST_CASE_FIXTURE(LoopedLog, "a disk that is full, or whose sync fails, has failed for all that share the write") {
  CHECK(loop.published(1));
  const std::string whole = contents(log);
  const auto fail_all = [&](auto fault) {
    BusyLog busy{loop};
    auto tasks = loop.publish_all(2, 10);
    fault();
    busy.go_on();
    auto answers = loop.results(tasks);
    answers.push_back(busy.result());
    return answers;
  };
  std::vector<Result<void>> expected(10, not_applied);
  SUBCASE("full") {
    expected.emplace_back(success());
    std::optional<FileSizeLimit> limit;
    CHECK(fail_all([&] { limit.emplace(whole.size() * 4); }) == expected);
  }
  SUBCASE("a sync that fails, and those that were to undo it") {
    expected.emplace_back(unknown);
    CHECK(fail_all([] { DiskFaults::failing_syncs = 1000; }) == expected);
  }
  DiskFaults::failing_syncs = 0;
  CHECK(loop.ready());
  CHECK(loop.published(20));
  Keys keys{"draft-1", "draft-20"};
  if (expected.back()) keys.insert(keys.begin() + 1, BusyLog::key);
  CHECK(this->keys() == keys);
}

TEST_CASE_FIXTURE(LoopedLog, "a log that was deleted under the program takes no more events, and is not ready") {
  CHECK(loop.ready());
  std::filesystem::remove(log);
  CHECK(error_of(loop.ready()) == not_applied);
  CHECK(error_of(loop.published(1)) == not_applied);
}

TEST_CASE_FIXTURE(LoopedLog, "more events than may wait: the next one fails at once, not applied, on every thread") {
  BusyLog busy{loop};
  {
    const auto waiting = loop.publish_all(1, JsonLinesPublisher::most_waiting);
    auto one_more = loop.publish(500'000);
    REQUIRE(one_more.is_done());
    CHECK(error_of(one_more.get()) == not_applied);
    CHECK(error_of(shared.publish(message(500'001), in_good_time())) == not_applied);
  }
  busy.go_on();
  CHECK(busy.result());
  CHECK(shared.publish(message(500'002), in_good_time()));
  CHECK(keys() == Keys{BusyLog::key, "draft-500002"});  // nobody waited for the others
}

TEST_CASE_FIXTURE(Log,
                  "two loops and a blocking caller publish through one log: each keeps its order, nothing is lost") {
  constexpr std::uint64_t rounds = 20;
  constexpr std::uint64_t together = 50;
  const auto publish_in_rounds = [&](std::uint64_t first) {
    OneLoop loop{shared};
    bool all = true;
    for (std::uint64_t round = 0; round != rounds; ++round) {
      auto tasks = loop.publish_all(first + round * together, together);
      const auto answers = loop.results(tasks);
      all = all && std::ranges::all_of(answers, [](const auto& answer) { return answer.has_value(); });
    }
    return all;
  };
  const int syncs = DiskFaults::syncs;
  auto one = std::async(std::launch::async, publish_in_rounds, 1);
  auto other = std::async(std::launch::async, publish_in_rounds, 10'001);
  for (std::uint64_t number = 20'001; number <= 20'020; ++number)
    CHECK(shared.publish(message(number), in_good_time()));
  CHECK(one.get());
  CHECK(other.get());
  CHECK(DiskFaults::syncs - syncs < 1000);
  const Keys all = keys();
  CHECK(all.size() == 2 * rounds * together + 20);
  for (const auto& [first, count] : {std::pair{1U, 1000U}, std::pair{10'001U, 1000U}, std::pair{20'001U, 20U}}) {
    Keys expected = keys_of(first, count);
    Keys found;
    std::ranges::copy_if(all, std::back_inserter(found),
                         [&](const auto& key) { return std::ranges::find(expected, key) != expected.end(); });
    CHECK(found == expected);
  }
}

TEST_CASE_FIXTURE(LoopedLog, "a publisher that ends while calls wait leaves nobody behind, and writes none of them") {
  std::optional<BusyLog> busy{std::in_place, loop, Deadline::after(300ms)};
  auto waits = loop.publish(1, Deadline::after(300ms));
  loop.publisher.reset();
  SUBCASE("the disk goes on at once") { BusyLog::go_on(); }
  SUBCASE("it goes on when all are late") {}
  CHECK(error_of(loop.result(waits)) == late);
  CHECK(error_of(busy->result()) == late_and_unknown);
  busy.reset();
  CHECK(shared.publish(message(2), in_good_time()));
  CHECK(keys() == Keys{BusyLog::key, "draft-2"});
}

TEST_CASE_FIXTURE(Log, "a loop that ends while its event is being written is not called any more") {
  {
    const HangingDisk disk;
    OneLoop loop{shared};
    const int before = DiskFaults::syncs;
    const auto task = loop.publish(1);
    loop.turn_until([&] { return DiskFaults::syncs != before; });
    loop.publisher.reset();
  }
  CHECK(shared.publish(message(2), in_good_time()));
  CHECK(keys() == Keys{"draft-1", "draft-2"});
}
