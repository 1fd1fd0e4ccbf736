#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <adapters/event_log/event_line.hpp>
#include <adapters/event_log/json_lines_publisher.hpp>
#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "disk_faults.hpp"
#include "event_log_fixture.hpp"

namespace {

using namespace event_draft;
using event_log::JsonLinesPublisher;
using event_log::Sync;
using namespace event_draft::testing;
using Folder = LogFolder;

std::string open_error(const std::filesystem::path& log) {
  try {
    const JsonLinesPublisher publisher{{log}};
  } catch (const event_log::OpenError& error) {
    return error.what();
  }
  return {};
}

/// Waits until the log's thread is in a sync that hangs.
void wait_for_sync(int before) {
  for (int i = 0; i != 5000 && DiskFaults::syncs == before; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  REQUIRE(DiskFaults::syncs > before);
}

TEST_CASE("a line has the message's topic, key, headers in order, and payload as an object") {
  CHECK(
      event_log::event_line(message()) ==
      R"({"topic":"event-topic","key":"draft-1","headers":{"ce_specversion":"1.0","ce_id":"draft-1.EventDraftCreated",)"
      R"("ce_source":"/event-draft","ce_type":"EventDraftCreated","ce_time":"2026-11-23T09:00:00.123Z",)"
      R"("ce_subject":"draft-1","content-type":"application/json"},"payload":{"eventDraftId":"draft-1","userId":123,)"
      R"("objective":"신규 고객 유치","createdAt":"2026-11-23T09:00:00.123Z"}})"
      "\n");
}

TEST_CASE("a source of any length and any characters reads back") {
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{255}, std::size_t{256}, std::size_t{257}, std::size_t{100'000}}) {
    for (const char letter : {'s', '"', '\\', '\n', '\x01'}) {
      const std::string source(size, letter);
      std::string line = event_log::event_line(message(1, source));
      CHECK(std::count(line.begin(), line.end(), '\n') == 1);
      line.pop_back();
      CHECK((published_line(line).headers.at(2).second == source));
    }
  }
}

TEST_CASE("each event is synced before it is acknowledged, unless the host said never") {
  const Folder folder;
  {
    JsonLinesPublisher publisher{{folder.log}};
    for (std::uint64_t number = 1; number <= 5; ++number) {
      const int before = DiskFaults::syncs;
      CHECK(publisher.publish(message(number), in_good_time()));
      CHECK(DiskFaults::syncs == before + 1);
    }
  }
  const int before = DiskFaults::syncs;
  JsonLinesPublisher publisher{{folder.log, Sync::never}};
  CHECK(publisher.publish(message(6), in_good_time()));
  CHECK(DiskFaults::syncs == before);
  CHECK(folder.keys().size() == 6);
}

TEST_CASE("who arrives during a sync shares the next one") {
  const Folder folder;
  JsonLinesPublisher publisher{{folder.log}};
  const int before = DiskFaults::syncs;
  DiskFaults::hanging = true;
  std::atomic<int> acknowledged = 0;
  std::atomic<int> entered = 0;
  std::vector<std::thread> threads;
  const auto publish = [&](std::uint64_t number) {
    threads.emplace_back([&, number] {
      ++entered;
      if (publisher.publish(message(number), in_good_time())) ++acknowledged;
    });
  };
  publish(1);
  wait_for_sync(before);
  for (std::uint64_t number = 2; number <= 20; ++number) publish(number);
  while (entered != 20) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds{100});  // from being entered to being in the queue
  CHECK(acknowledged == 0);
  DiskFaults::hanging = false;
  for (auto& thread : threads) thread.join();
  CHECK(acknowledged == 20);
  CHECK(DiskFaults::syncs < before + 10);  // 2, had every thread been in the queue for sure
  CHECK(folder.keys().size() == 20);
}

std::vector<EventMessage> messages(std::uint64_t first, std::uint64_t last) {
  std::vector<EventMessage> all;
  for (std::uint64_t number = first; number <= last; ++number) all.push_back(message(number));
  return all;
}

using Results = std::vector<Result<void>>;

Results publish_all(JsonLinesPublisher& publisher, std::uint64_t first, std::uint64_t last, Deadline deadline) {
  const auto batch = messages(first, last);
  Results results(batch.size(), Error{Errc::internal_error});
  publisher.publish_all(batch, results, deadline);
  return results;
}

TEST_CASE("a batch takes one sync, and is there in its order") {
  const Folder folder;
  JsonLinesPublisher publisher{{folder.log}};
  const int before = DiskFaults::syncs;
  CHECK((publish_all(publisher, 1, 300, in_good_time()) == Results(300, success())));
  CHECK(DiskFaults::syncs == before + 1);
  const Keys keys = folder.keys();
  REQUIRE(keys.size() == 300);
  for (std::uint64_t number = 1; number <= 300; ++number) CHECK(keys[number - 1] == DraftId::numbered(number).view());
}

TEST_CASE("a batch that finds no room or no sync is no part of the log, and each of its events is told so") {
  const Folder folder;
  JsonLinesPublisher publisher{{folder.log}};
  CHECK(publisher.publish(message(1), in_good_time()));
  const std::string whole = contents(folder.log);
  {
    const FileSizeLimit limit{whole.size() * 5 / 2};
    CHECK((publish_all(publisher, 2, 4, in_good_time()) == Results(3, not_applied)));
    CHECK((contents(folder.log) == whole));
  }
  DiskFaults::failing_syncs = 1;
  CHECK((publish_all(publisher, 2, 4, in_good_time()) == Results(3, unknown)));
  DiskFaults::failing_syncs = 0;
  CHECK((contents(folder.log) == whole));
  CHECK((publish_all(publisher, 2, 4, in_good_time()) == Results(3, success())));
  CHECK(folder.keys() == Keys{"draft-1", "draft-2", "draft-3", "draft-4"});
}

TEST_CASE("a batch whose deadline comes is unknown when it is being written, and taken back when it is not") {
  const Folder folder;
  JsonLinesPublisher publisher{{folder.log}};
  const int before = DiskFaults::syncs;
  DiskFaults::hanging = true;
  auto first = std::async(std::launch::async, [&] { return publish_all(publisher, 1, 3, in_a_second()); });
  wait_for_sync(before);
  CHECK((first.get() == Results(3, late_and_unknown)));
  CHECK((publish_all(publisher, 4, 6, soon()) == Results(3, late)));
  DiskFaults::hanging = false;
  CHECK((publish_all(publisher, 7, 8, in_good_time()) == Results(2, success())));
  CHECK(folder.keys() == Keys{"draft-1", "draft-2", "draft-3", "draft-7", "draft-8"});
}

TEST_CASE("a torn last line is cut off and told; whole lines stay") {
  const Folder folder;
  {
    JsonLinesPublisher publisher{{folder.log}};
    CHECK(publisher.publish(message(1), in_good_time()));
    CHECK(publisher.publish(message(2), in_good_time()));
    CHECK(publisher.torn_bytes() == 0);
  }
  const std::string whole = contents(folder.log);
  const std::string next = event_log::event_line(message(3, std::string(10'000, 's')));
  for (const std::size_t torn : {std::size_t{1}, std::size_t{5}, std::size_t{4096}, next.size() - 1}) {
    std::ofstream{folder.log, std::ios::binary | std::ios::app} << next.substr(0, torn);
    const JsonLinesPublisher publisher{{folder.log}};
    CHECK(publisher.torn_bytes() == torn);
    CHECK((contents(folder.log) == whole));
  }
  JsonLinesPublisher publisher{{folder.log}};
  CHECK(publisher.publish(message(3), in_good_time()));
  CHECK(folder.keys() == Keys{"draft-1", "draft-2", "draft-3"});
}

TEST_CASE("last lines that lost their start to a crash are cut off too") {
  const Folder folder;
  const std::string whole = event_log::event_line(message(1)) + event_log::event_line(message(2));
  const std::string next = event_log::event_line(message(3));
  std::string torn;
  SUBCASE("NULs, then the rest") { torn = std::string(100, '\0') + next.substr(100); }
  SUBCASE("NULs inside") { torn = next.substr(0, 50) + std::string(50, '\0') + next.substr(100); }
  SUBCASE("only the rest") { torn = next.substr(100); }
  SUBCASE("two of them, and one without an end") { torn = next.substr(100) + '\0' + next + next.substr(0, 100); }
  std::ofstream{folder.log, std::ios::binary} << whole << torn;
  const JsonLinesPublisher publisher{{folder.log}};
  CHECK(publisher.torn_bytes() == torn.size());
  CHECK((contents(folder.log) == whole));
}

TEST_CASE("more than a crash tears is not cut off") {
  const Folder folder;
  constexpr std::size_t most = event_log::longest_tear;
  const std::string line = event_log::event_line(message(1));
  const std::string torn = event_log::event_line(message(2, std::string(2 * most, 's')));
  std::string refused;
  SUBCASE("no line end at all") { refused = torn.substr(0, most + 1); }
  SUBCASE("behind a whole line") { refused = line + torn.substr(0, most); }
  SUBCASE("NULs") { refused = line + std::string(most, '\0') + '\n'; }
  std::ofstream{folder.log, std::ios::binary} << refused;
  CHECK(open_error(folder.log).find("no whole line") != std::string::npos);
  CHECK((contents(folder.log) == refused));
}

TEST_CASE("whole lines of any length stay, with a tear behind them") {
  const Folder folder;
  const std::string whole = event_log::event_line(message(1, std::string(100'000, 's')));
  std::ofstream{folder.log, std::ios::binary} << whole << whole << whole.substr(0, 1000);
  const JsonLinesPublisher publisher{{folder.log}};
  CHECK(publisher.torn_bytes() == 1000);
  CHECK((contents(folder.log) == whole + whole));
}

TEST_CASE("a batch that a crash left torn is cut off, however much of it the disk lost") {
  const Folder folder;
  const std::string whole = event_log::event_line(message(1)) + event_log::event_line(message(2));
  for (const std::size_t lost :
       {std::size_t{60'000}, std::size_t{70'000}, std::size_t{1'100'000}, std::size_t{15'000'000}}) {
    std::ofstream{folder.log, std::ios::binary} << whole << std::string(lost, '\0')
                                                << event_log::event_line(message(3)).substr(9);
    const JsonLinesPublisher publisher{{folder.log}};
    CHECK(publisher.torn_bytes() > lost);
    CHECK((contents(folder.log) == whole));
  }
}

TEST_CASE("a first line that is torn leaves an empty log") {
  const Folder folder;
  std::ofstream{folder.log} << R"({"to)";
  JsonLinesPublisher publisher{{folder.log}};
  CHECK(publisher.torn_bytes() == 4);
  CHECK(contents(folder.log).empty());
}

TEST_CASE("what is no event log is refused and left alone") {
  const Folder folder;
  SUBCASE("another file") {
    std::ofstream{folder.log} << "my notes, without a line end";
    CHECK(open_error(folder.log).find("not an event log") != std::string::npos);
    CHECK(contents(folder.log) == "my notes, without a line end");
  }
  SUBCASE("a device") { CHECK(open_error("/dev/full").find("not a regular file") != std::string::npos); }
  SUBCASE("a FIFO") {
    REQUIRE(::mkfifo(folder.log.c_str(), 0600) == 0);
    CHECK(open_error(folder.log).find("not a regular file") != std::string::npos);
  }
  SUBCASE("a folder") { CHECK(open_error(folder.directory.path()).find("s a directory") != std::string::npos); }
  SUBCASE("in no folder") {
    CHECK(open_error(folder.directory.path() / "none" / "events.jsonl").find("No such file") != std::string::npos);
  }
}

TEST_CASE("others may not read the log, and a second writer is refused") {
  const Folder folder;
  const ::mode_t before = ::umask(0);
  {
    const JsonLinesPublisher publisher{{folder.log}};
    ::umask(before);
    struct stat status {};
    REQUIRE(::stat(folder.log.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0640);
    CHECK(open_error(folder.log).find("in use by another process") != std::string::npos);
  }
  CHECK(open_error(folder.log).empty());
}

TEST_CASE("a full disk is told, leaves no trace of the event, and goes on when there is room") {
  const Folder folder;
  std::mutex mutex;
  Keys causes;
  JsonLinesPublisher publisher{{folder.log, Sync::every_event, [&](std::string_view cause) {
                                  const std::lock_guard lock{mutex};
                                  causes.emplace_back(cause);
                                }}};
  CHECK(publisher.publish(message(1), in_good_time()));
  const std::string whole = contents(folder.log);
  for (const std::size_t room : {std::size_t{0}, std::size_t{1}, std::size_t{100}, whole.size() - 1}) {
    const FileSizeLimit limit{whole.size() + room};
    const auto result = publisher.publish(message(2), in_good_time());
    REQUIRE_FALSE(result);
    CHECK(result.assume_error() == not_applied);
    CHECK((contents(folder.log) == whole));
  }
  CHECK(publisher.publish(message(3), in_good_time()));
  CHECK(folder.keys() == Keys{"draft-1", "draft-3"});
  const std::lock_guard lock{mutex};
  CHECK(causes.size() == 4);
  CHECK(causes.back().find("not written") != std::string::npos);
}

TEST_CASE("a log that is moved, replaced or deleted under the program takes no more events, and says so") {
  const Folder folder;
  std::string cause;
  JsonLinesPublisher publisher{{folder.log, Sync::every_event, [&](std::string_view text) { cause = text; }}};
  CHECK(publisher.publish(message(1), in_good_time()));
  const std::filesystem::path away = folder.directory.path() / "events.jsonl.1";
  bool is_back = false;
  SUBCASE("moved, and back") {
    std::filesystem::rename(folder.log, away);
    is_back = true;
  }
  SUBCASE("replaced") {
    std::filesystem::copy_file(folder.log, away);
    std::filesystem::rename(away, folder.log);
  }
  SUBCASE("deleted") { std::filesystem::remove(folder.log); }
  CHECK(error_of(publisher.ready(in_good_time())) == not_applied);
  CHECK(error_of(publisher.publish(message(2), in_good_time())) == not_applied);
  CHECK(cause.find("not written: the file was moved, replaced or deleted") != std::string::npos);
  if (!is_back) return;
  std::filesystem::rename(away, folder.log);
  CHECK(publisher.publish(message(3), in_good_time()));
  CHECK(folder.keys() == Keys{"draft-1", "draft-3"});
}

TEST_CASE("a log whose size somebody else changes takes no more events, and is left as it is") {
  const Folder folder;
  std::string cause;
  JsonLinesPublisher publisher{{folder.log, Sync::every_event, [&](std::string_view text) { cause = text; }}};
  CHECK(publisher.publish(message(1), in_good_time()));
  const std::uintmax_t size = std::filesystem::file_size(folder.log);
  std::uintmax_t changed = 0;
  SUBCASE("emptied") {}
  SUBCASE("cut") { changed = size - 1; }
  SUBCASE("longer") { changed = size + 1; }
  SUBCASE("emptied while a failed event was still to be cut off") {
    DiskFaults::failing_syncs = 1000;
    CHECK(error_of(publisher.publish(message(2), in_good_time())) == unknown);
  }
  std::filesystem::resize_file(folder.log, changed);
  DiskFaults::failing_syncs = 0;
  CHECK(error_of(publisher.ready(in_good_time())) == not_applied);
  CHECK(error_of(publisher.publish(message(3), in_good_time())) == not_applied);
  CHECK(cause.find("changed the file's size") != std::string::npos);
  CHECK(std::filesystem::file_size(folder.log) == changed);
}

TEST_CASE("an event whose sync fails is unknown and cut off; the log goes on when the disk does") {
  const Folder folder;
  JsonLinesPublisher publisher{{folder.log}};
  CHECK(publisher.publish(message(1), in_good_time()));
  DiskFaults::failing_syncs = 1;
  CHECK(error_of(publisher.publish(message(2), in_good_time())) == unknown);
  CHECK(publisher.publish(message(3), in_good_time()));
  CHECK(folder.keys() == Keys{"draft-1", "draft-3"});
}

TEST_CASE("while the disk keeps failing events are refused, none is written") {
  const Folder folder;
  JsonLinesPublisher publisher{{folder.log}};
  CHECK(publisher.publish(message(1), in_good_time()));
  DiskFaults::failing_syncs = 1000;
  CHECK(error_of(publisher.publish(message(2), in_good_time())) == unknown);
  CHECK(error_of(publisher.publish(message(3), in_good_time())) == not_applied);
  CHECK(error_of(publisher.ready(in_good_time())) == not_applied);
  DiskFaults::failing_syncs = 0;
  CHECK(publisher.ready(in_good_time()));
  CHECK(publisher.publish(message(4), in_good_time()));
  CHECK(folder.keys() == Keys{"draft-1", "draft-4"});
}

TEST_CASE("an event whose time is over when it comes is never written") {
  const Folder folder;
  JsonLinesPublisher publisher{{folder.log, Sync::never}};
  for (std::uint64_t number = 1; number <= 2000; ++number) {
    REQUIRE(error_of(publisher.publish(message(number), Deadline{SteadyTime{}})) == late);
  }
  CHECK(publisher.ready(in_good_time()));
  CHECK(folder.keys().empty());
}

TEST_CASE("what was handed over when the log closes is written and reported") {
  struct Counted final : event_log::Delivery {
    Counted(std::string lines, std::atomic<int>& its_written)
        : event_log::Delivery{std::move(lines)}, written{its_written} {}
    bool take() noexcept override { return true; }
    void report(const Result<void>& result) noexcept override { written += result ? 1 : 0; }
    std::atomic<int>& written;
  };
  const Folder folder;
  std::atomic<int> written = 0;
  {
    JsonLinesPublisher publisher{{folder.log}};
    for (std::uint64_t number = 1; number <= 500; ++number) {
      REQUIRE(publisher.hand_over(std::make_shared<Counted>(event_log::event_line(message(number)), written)));
    }
  }
  CHECK(written == 500);
  CHECK(folder.keys().size() == 500);
}

TEST_CASE("a disk that hangs holds no caller past its deadline") {
  const Folder folder;
  JsonLinesPublisher publisher{{folder.log}};
  const int before = DiskFaults::syncs;
  DiskFaults::hanging = true;
  auto first = std::async(std::launch::async, [&] { return publisher.publish(message(1), in_a_second()); });
  wait_for_sync(before);
  CHECK(error_of(first.get()) == late_and_unknown);
  CHECK(error_of(publisher.publish(message(2), soon())) == late);
  CHECK(error_of(publisher.ready(soon())) == late);
  DiskFaults::hanging = false;
  CHECK(publisher.publish(message(3), in_good_time()));
  CHECK(folder.keys() == Keys{"draft-1", "draft-3"});
}

/// Publishes from four threads until it is killed; tells each number through the pipe after it was acknowledged.
[[noreturn]] void publish_for_ever(const std::filesystem::path& log, std::uint64_t first, int pipe) {
  JsonLinesPublisher publisher{{log}};
  std::atomic<std::uint64_t> next = first;
  const auto publish = [&] {
    for (;;) {
      const std::uint64_t number = next++;
      if (!publisher.publish(message(number), in_good_time())) ::_exit(1);
      if (::write(pipe, &number, sizeof number) != sizeof number) ::_exit(1);
    }
  };
  std::array<std::thread, 3> threads{std::thread{publish}, std::thread{publish}, std::thread{publish}};
  publish();
  ::_exit(1);
}

TEST_CASE("what was acknowledged before the process was killed is there, whole") {
  const Folder folder;
  Keys acknowledged;
  for (std::uint64_t round = 0; round != 20; ++round) {
    std::array<int, 2> pipe{};
    REQUIRE(::pipe(pipe.data()) == 0);
    const pid_t child = ::fork();
    if (child == 0) publish_for_ever(folder.log, 1 + round * 1'000'000, pipe[1]);
    ::close(pipe[1]);
    std::uint64_t number = 0;
    const auto read_one = [&] { return ::read(pipe[0], &number, sizeof number) == sizeof number; };
    for (std::uint64_t i = 0; i != 5 + round && read_one(); ++i)
      acknowledged.emplace_back(DraftId::numbered(number).view());
    ::kill(child, SIGKILL);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    while (read_one()) acknowledged.emplace_back(DraftId::numbered(number).view());
    ::close(pipe[0]);
    { const JsonLinesPublisher reopened{{folder.log}}; }
    Keys keys = folder.keys();  // throws for a line that is not whole
    std::sort(keys.begin(), keys.end());
    CHECK(std::adjacent_find(keys.begin(), keys.end()) == keys.end());
    std::sort(acknowledged.begin(), acknowledged.end());
    CHECK(std::includes(keys.begin(), keys.end(), acknowledged.begin(), acknowledged.end()));
  }
  CHECK(acknowledged.size() > 200);
}

}  // namespace
