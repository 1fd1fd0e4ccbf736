// The publisher against a real broker, which is paused and killed.
#include <doctest/doctest.h>

#include <adapters/kafka/kafka_publisher.hpp>
#include <algorithm>
#include <array>
#include <atomic>
#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <event_draft/testing/contracts/publisher.hpp>
#include <event_draft/testing/printing.hpp>
#include <fstream>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "kafka_admin.hpp"
#include "kafka_reader.hpp"
#include "real_server.hpp"

namespace event_draft::kafka {
namespace {

using namespace std::chrono_literals;
using testing::sample_draft;
using testing::contracts::publisher_laws::message_of;
using testing::contracts::publisher_laws::traced;
using Clock = std::chrono::steady_clock;

/// What kcat prints for the records of one key, a JSON object each.
std::vector<boost::json::object> kcat(const std::string& brokers, std::string_view key) {
  const std::string command = "kcat -C -q -e -J -o beginning -t event-topic -b " + brokers;
  std::string output;
  FILE* const pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::array<char, 4096> block;
  while (const auto count = std::fread(block.data(), 1, block.size(), pipe)) output.append(block.data(), count);
  REQUIRE(::pclose(pipe) == 0);
  std::vector<boost::json::object> records;
  for (std::size_t begin = 0; begin < output.size();) {
    const auto end = output.find('\n', begin);
    auto record = boost::json::parse(output.substr(begin, end - begin)).as_object();
    if (record.at("key").as_string() == key) records.push_back(std::move(record));
    begin = end + 1;
  }
  return records;
}

struct Fixture {
  testing::RealServer server{"kafka"};
  std::string url = server.url();
  KafkaPublisher publisher{Config{.brokers = url}};

  /// Whether the server can't do what only Apache Kafka can; says so.
  static bool only_mock() {
    std::ifstream file{std::string{std::getenv("EVENT_DRAFT_SERVERS")} + "/kafka/kind"};
    std::string kind;
    file >> kind;
    if (kind == "mock") MESSAGE("left out: it takes a real broker");
    return kind == "mock";
  }
  static std::uint64_t next_number() {
    static std::uint64_t number = 1000;
    return ++number;
  }
  Result<void> publish(const EventMessage& message, std::chrono::milliseconds within = 10s) {
    return publisher.publish(message, Deadline::after(within));
  }
  /// Each of its threads stops when it gets to it.
  void pause() {
    server.pause();
    std::this_thread::sleep_for(100ms);
  }
  /// How long it takes until a publish succeeds.
  static std::chrono::milliseconds recovery(KafkaPublisher& of, const EventMessage& message) {
    const auto began = Clock::now();
    while (!of.publish(message, Deadline::after(500ms))) {
      REQUIRE(Clock::now() - began < 30s);
      std::this_thread::sleep_for(10ms);
    }
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began);
  }
  /// Returns when a client that is made now can publish.
  void await_server() const {
    for (const auto until = Deadline::after(60s); !until.expired(); std::this_thread::sleep_for(20ms)) {
      Config config{.brokers = url};
      config.warm_up = 300ms;
      KafkaPublisher fresh{config};
      if (fresh.publish(message_of(sample_draft(1)), Deadline::after(300ms))) return;
    }
    FAIL("the broker does not come back");
  }
};

TEST_CASE_FIXTURE(Fixture, "another client reads exactly the record of the specification") {
  REQUIRE(publish(message_of(sample_draft(123))));
  const auto records = kcat(url, "draft-123");
  REQUIRE(records.size() == 1);
  CHECK(records[0].at("topic") == "event-topic");
  CHECK(
      records[0].at("payload") ==
      R"({"eventDraftId":"draft-123","userId":123,"objective":"신규 고객 유치","createdAt":"2026-11-23T09:00:00.123Z"})");
  CHECK((records[0].at("headers") == boost::json::array{"ce_specversion", "1.0", "ce_id", "draft-123.EventDraftCreated",
                                                        "ce_source", "/event-draft", "ce_type", "EventDraftCreated",
                                                        "ce_time", "2026-11-23T09:00:00.123Z", "ce_subject",
                                                        "draft-123", "content-type", "application/json"}));
}

TEST_CASE_FIXTURE(Fixture, "while the broker hangs a publish returns by its deadline, and what it left arrives later") {
  const auto message = message_of(sample_draft(next_number()));
  testing::KafkaReader reader{url};
  REQUIRE(publish(message_of(sample_draft(1))));
  pause();
  const auto began = Clock::now();
  CHECK(publish(message, 200ms) == Result<void>{Error{Errc::deadline_exceeded, {}, Certainty::unknown}});
  CHECK(Clock::now() - began < 1200ms);
  server.resume();
  const auto arrivals = [&] { return std::ranges::count(reader.read(), message.id(), &testing::PublishedEvent::id); };
  for (const auto until = Deadline::after(10s); arrivals() == 0 && !until.expired();) std::this_thread::sleep_for(50ms);
  CHECK(arrivals() == 1);
}

TEST_CASE_FIXTURE(Fixture, "after a long pause an event is sent again under its id") {
  const auto message = message_of(sample_draft(next_number()));
  testing::KafkaReader reader{url};
  REQUIRE(publish(message_of(sample_draft(1))));
  pause();
  const auto failed = publish(message, 4s);
  CHECK(failed == Result<void>{Error{Errc::publisher_unavailable, {}, Certainty::unknown}});
  for (int i = 0; i != 3; ++i) CHECK(!publish(message, 100ms));
  CHECK(!publisher.ready(Deadline::after(200ms)));
  server.resume();
  CHECK(recovery(publisher, message) < 2s);
  CHECK(publisher.ready(Deadline::after(1s)));
  const auto events = reader.read();
  CHECK(std::ranges::count(events, message.id(), &testing::PublishedEvent::id) >= 1);
}

TEST_CASE_FIXTURE(Fixture, "a broker that was killed is found two seconds after its return at the latest") {
  if (only_mock()) return;
  const auto before = message_of(sample_draft(next_number()));
  const auto after = message_of(sample_draft(next_number()));
  REQUIRE(publish(before));
  server.kill();
  const auto began = Clock::now();
  CHECK(!publish(after, 200ms));
  CHECK(Clock::now() - began < 1200ms);
  Config early{.brokers = url};
  early.warm_up = 100ms;
  KafkaPublisher away_at_start{early};
  CHECK(Clock::now() - began < 1s);
  CHECK(!away_at_start.publish(after, Deadline::after(100ms)));
  await_server();
  CHECK(recovery(publisher, after) < 2s);
  CHECK(recovery(away_at_start, after) < 2s);
  CHECK(kcat(url, before.key()).size() == 1);
  CHECK(kcat(url, after.key()).size() >= 1);
}

/// Publishes from several threads, each its own drafts, until it is told to stop.
class Load {
 public:
  explicit Load(KafkaPublisher& publisher) {
    for (std::uint64_t thread = 0; thread != 4; ++thread)
      threads_.emplace_back([this, &publisher, thread] {
        for (std::uint64_t n = (thread + 1) * 1'000'000; !stops_; ++n) {
          const auto message = message_of(sample_draft(n));
          const auto published = publisher.publish(message, Deadline::after(100ms));
          const std::lock_guard lock{mutex_};
          if (published) acknowledged_.emplace(message.id());
        }
      });
  }
  ~Load() { stop(); }
  std::set<std::string> stop() {
    stops_ = true;
    for (auto& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
    return acknowledged_;
  }

 private:
  std::atomic<bool> stops_ = false;
  std::mutex mutex_;
  std::set<std::string> acknowledged_;
  std::vector<std::thread> threads_;
};

TEST_CASE_FIXTURE(Fixture, "no acknowledged event is lost when the broker is killed under load") {
  if (only_mock()) return;
  testing::KafkaReader reader{url};
  Load load{publisher};
  std::this_thread::sleep_for(500ms);
  server.kill();
  await_server();
  CHECK(recovery(publisher, message_of(sample_draft(1))) < 2s);
  std::this_thread::sleep_for(500ms);
  auto missing = load.stop();
  CHECK(missing.size() > 100);
  for (const auto& event : reader.read()) missing.erase(event.id);
  CHECK(missing.empty());
}

TEST_CASE_FIXTURE(Fixture, "an event that is too large for the broker is rejected, the others of its batch are not") {
  if (only_mock()) return;
  Config config{.brokers = url};
  config.properties = {{"message.max.bytes", "5000000"}, {"batch.size", "5000000"}};
  KafkaPublisher generous{config};
  const std::string source(2'000'000, 's');
  const std::vector messages{message_of(sample_draft(next_number())), message_of(sample_draft(next_number()), source),
                             message_of(sample_draft(next_number()))};
  std::vector<Result<void>> results(3, Error{Errc::internal_error});
  generous.publish_all(messages, results, Deadline::after(10s));
  CHECK(results[0]);
  CHECK(results[1] == Result<void>{Error{Errc::event_rejected}});
  CHECK(results[2]);
}

TEST_CASE_FIXTURE(Fixture, "a topic that is not there is an outage that ends with its creation") {
  if (only_mock()) return;
  REQUIRE(publish(message_of(sample_draft(1))));
  testing::KafkaAdmin admin{url};
  admin.delete_topic();
  std::this_thread::sleep_for(200ms);
  const auto failed = publish(message_of(sample_draft(1)), 4s);
  REQUIRE(!failed);
  CHECK(failed.assume_error().code == Errc::publisher_unavailable);
  CHECK(!publisher.ready(Deadline::after(1s)));
  Config config{.brokers = url};
  KafkaPublisher late{config};
  CHECK(late.publish(message_of(sample_draft(1)), Deadline::after(4s)) ==
        Result<void>{Error{Errc::publisher_unavailable}});
  admin.create_topic();
  CHECK(recovery(publisher, message_of(sample_draft(1))) < 3s);
  CHECK(recovery(late, message_of(sample_draft(1))) < 3s);
}

}  // namespace
}  // namespace event_draft::kafka
