// The publisher against what only a real broker can do: be killed and keep its records, have limits, lose a topic.
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
#include "kafka_fixture.hpp"
#include "kafka_reader.hpp"
#include "kafka_real_only.hpp"

namespace event_draft::kafka {
namespace {

TEST_CASE_FIXTURE(Fixture, "a broker that was killed is found two seconds after its return at the latest") {
  const auto before = message_of(sample_draft(next_number()));
  const auto after = message_of(sample_draft(next_number()));
  await_publish();
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
  std::size_t acknowledged() {
    const std::lock_guard lock{mutex_};
    return acknowledged_.size();
  }
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
  testing::KafkaReader reader{url};
  Load load{publisher};
  const auto await_more = [&] {
    const auto before = load.acknowledged();
    time_until([&] { return load.acknowledged() > before + 50; });
  };
  await_more();
  server.kill();
  await_server();
  CHECK(recovery(publisher, message_of(sample_draft(1))) < 2s);
  await_more();
  auto missing = load.stop();
  for (const auto& event : reader.read()) missing.erase(event.id);
  CHECK(missing.empty());
}

TEST_CASE_FIXTURE(Fixture, "an event that is too large for the broker is rejected, the others of its batch are not") {
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
  await_publish();
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
