// The publisher, blocking and awaited, against three real brokers, of which one is killed or two stand still.
#include <doctest/doctest.h>
#include <librdkafka/rdkafka.h>

#include <adapters/kafka/kafka_publisher.hpp>
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <event_draft/testing/contracts/publisher.hpp>
#include <event_draft/testing/printing.hpp>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "../contract/looped_publisher.hpp"
#include "kafka_admin.hpp"
#include "kafka_reader.hpp"
#include "kafka_real_only.hpp"
#include "real_server.hpp"

namespace event_draft::kafka {
namespace {

using namespace std::chrono_literals;
using testing::LoopedPublisher;
using testing::sample_draft;
using testing::contracts::publisher_laws::message_of;
using Clock = std::chrono::steady_clock;

constexpr std::size_t brokers = 3;
constexpr auto long_enough = 30s;  // for brokers that begin again, on any machine
constexpr auto message_timeout = 1s;

template <class Condition>
void await(std::string what, Condition condition) {
  for (const auto until = Clock::now() + long_enough; !condition(); std::this_thread::sleep_for(20ms)) {
    REQUIRE_MESSAGE(Clock::now() < until, what);
  }
}

/// Three brokers, all in sync at first, and a publisher that lives as long as the test does.
template <class Publisher>
struct Cluster {
  testing::RealServer first{"kafka"}, second{"kafka-2"}, third{"kafka-3"};
  std::array<testing::RealServer*, brokers> nodes{&first, &second, &third};
  std::string url = first.url();
  testing::KafkaAdmin admin{url};
  Publisher publisher{Config{.brokers = url, .message_timeout = message_timeout}};
  testing::KafkaReader reader{(await_whole(), url)};

  testing::RealServer& node(std::int32_t number) { return *nodes.at(static_cast<std::size_t>(number) - 1); }
  std::int32_t leader_of(std::size_t partition) {
    std::int32_t leader = -1;
    await("no leader", [&] {
      const auto partitions = admin.partitions();
      leader = partitions.empty() ? -1 : partitions.at(partition).leader;
      return leader > 0;
    });
    return leader;
  }
  void await_whole() {
    await("replicas in sync", [&] {
      const auto partitions = admin.partitions();
      return !partitions.empty() &&
             std::ranges::all_of(partitions, [](const auto& each) { return each.in_sync == brokers; });
    });
  }
  /// Returns with what librdkafka reports, which it does soon after its time-out.
  Result<void> publish(const EventMessage& message) { return publisher.publish(message, Deadline::after(long_enough)); }
  std::map<std::string, std::size_t> records() {
    std::map<std::string, std::size_t> found;
    for (const auto& event : reader.read()) ++found[event.id];
    return found;
  }
};

std::size_t partition_of(const EventMessage& message) {
  const auto key = message.key();
  return static_cast<std::size_t>(
      rd_kafka_msg_partitioner_murmur2(nullptr, key.data(), key.size(), brokers, nullptr, nullptr));
}

/// Another draft's event each time, all of them in one partition.
EventMessage next_in(std::size_t partition) {
  static std::uint64_t number = 1000;
  while (true) {
    const auto message = message_of(sample_draft(++number));
    if (partition_of(message) == partition) return message;
  }
}

const Result<void> maybe_there = Error{Errc::publisher_unavailable, {}, Certainty::unknown};
const Result<void> surely_not_there = Error{Errc::publisher_unavailable, {}, Certainty::not_applied};

TEST_CASE_TEMPLATE("below the least replicas in sync an event is refused, and is surely not there", Publisher,
                   KafkaPublisher, LoopedPublisher) {
  Cluster<Publisher> cluster;
  constexpr std::size_t partition = 0;
  cluster.admin.set("min.insync.replicas", "3");
  auto& other = cluster.node(cluster.leader_of(partition) % 3 + 1);
  other.pause();
  await("another is missed", [&] {
    const auto partitions = cluster.admin.partitions();
    return !partitions.empty() && partitions.at(partition).in_sync == 2;
  });
  std::vector<std::string> refused;
  // The leader may hear of it a moment later, and until then takes events and waits.
  await("refused", [&] {
    const auto message = next_in(partition);
    const auto published = cluster.publish(message);
    if (published == surely_not_there) refused.emplace_back(message.id());
    return !refused.empty();
  });
  other.resume();
  cluster.admin.set("min.insync.replicas", "2");
  const auto after = next_in(partition);
  await("taken again", [&] { return cluster.publish(after).has_value(); });
  auto found = cluster.records();
  for (const auto& id : refused) CHECK(found[id] == 0);
  CHECK(found[std::string{after.id()}] >= 1);
}

TEST_CASE_TEMPLATE("with two of three brokers down it is unknown whether an event is there, and it is sent again",
                   Publisher, KafkaPublisher, LoopedPublisher) {
  Cluster<Publisher> cluster;
  constexpr std::size_t partition = 0;
  const auto leader = cluster.leader_of(partition);
  auto& one = cluster.node(leader % 3 + 1);
  auto& another = cluster.node((leader + 1) % 3 + 1);
  await("published", [&] { return cluster.publish(next_in(partition)).has_value(); });
  one.pause();
  another.pause();
  const auto message = next_in(partition);
  CHECK(cluster.publish(message) == maybe_there);
  one.resume();
  another.resume();
  std::size_t attempts = 1;
  await("published again", [&] { return ++attempts, cluster.publish(message).has_value(); });
  const auto there = cluster.records()[std::string{message.id()}];
  CHECK(there >= 1);
  CHECK(there <= attempts);
}

/// Publishes one draft after another from several threads, each event again and again until it is acknowledged, as the outbox
/// has it done.
template <class Publisher>
class InsistentLoad {
 public:
  explicit InsistentLoad(Publisher& publisher) {
    static std::uint64_t millions = 0;  // no two loads have the same drafts
    for (int thread = 0; thread != 4; ++thread)
      threads_.emplace_back([this, &publisher, first = ++millions * 1'000'000] {
        for (std::uint64_t number = first; !stops_; ++number) deliver(publisher, message_of(sample_draft(number)));
      });
  }
  ~InsistentLoad() { stop(); }
  InsistentLoad(const InsistentLoad&) = delete;
  InsistentLoad& operator=(const InsistentLoad&) = delete;

  struct Event {
    bool acknowledged = false;
    std::size_t perhaps = 0;  ///< attempts of which it is unknown whether they have put it there
    std::size_t refused = 0;  ///< attempts that surely have not
  };
  /// By its id.
  std::map<std::string, Event> stop() {
    stops_ = true;
    threads_.clear();
    return events_;
  }
  std::size_t acknowledged() const { return acknowledged_; }

 private:
  void deliver(Publisher& publisher, const EventMessage& message) {
    Event event;
    while (!event.acknowledged && !stops_) {
      const auto published = publisher.publish(message, Deadline::after(100ms));
      if (published) {
        event.acknowledged = true;
        ++acknowledged_;
      } else if (published.assume_error().certainty == Certainty::unknown) {
        ++event.perhaps;
      } else {
        ++event.refused;
      }
    }
    const std::lock_guard lock{mutex_};
    events_.emplace(message.id(), event);
  }

  std::atomic<bool> stops_ = false;
  std::atomic<std::size_t> acknowledged_ = 0;
  std::mutex mutex_;
  std::map<std::string, Event> events_;
  std::vector<std::jthread> threads_;
};

TEST_CASE_TEMPLATE(
    "when a leader is killed the publisher goes on with the next one, loses nothing that was acknowledged, and "
    "what is there twice was unknown, under one id",
    Publisher, KafkaPublisher, LoopedPublisher) {
  Cluster<Publisher> cluster;
  constexpr std::size_t partition = 0;
  InsistentLoad load{cluster.publisher};
  await("the load begins", [&] { return load.acknowledged() > 200; });
  const auto leader = cluster.leader_of(partition);
  const auto rebuilt = cluster.publisher.statistics().rebuilds;
  const auto killed_at = Clock::now();
  cluster.node(leader).kill();
  const auto in_the_outage = next_in(partition);
  await("another leader", [&] { return cluster.publish(in_the_outage).has_value(); });
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - killed_at);
  const auto before = load.acknowledged();
  await("the load goes on", [&] { return load.acknowledged() > before + 100; });

  std::size_t twice = 0, resent = 0;
  const auto sent = load.stop();
  auto found = cluster.records();
  for (const auto& [id, event] : sent) {
    CAPTURE(id);
    CAPTURE(event.acknowledged);
    CAPTURE(event.perhaps);
    CAPTURE(event.refused);
    if (event.acknowledged) CHECK(found[id] >= 1);
    if (!event.acknowledged && event.perhaps == 0) CHECK(found[id] == 0);
    if (event.perhaps == 0) CHECK(found[id] <= 1);
    twice += static_cast<std::size_t>(found[id] > 1);
    resent += static_cast<std::size_t>(event.perhaps > 0);
    found.erase(id);
  }
  found.erase(std::string{in_the_outage.id()});
  CHECK(found.empty());
  CHECK(resent > 0);
  MESSAGE(sent.size() << " drafts; another leader after " << took.count() << " ms; " << resent << " sent again, "
                      << twice << " there twice, " << cluster.publisher.statistics().rebuilds - rebuilt
                      << " clients made anew");
}

}  // namespace
}  // namespace event_draft::kafka
