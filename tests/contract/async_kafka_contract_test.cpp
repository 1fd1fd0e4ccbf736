#include <adapters/kafka/async_kafka_publisher.hpp>
#include <event_draft/testing/contracts.hpp>
#include <optional>

#include "../integration/kafka_reader.hpp"
#include "../integration/real_server.hpp"
#include "harness_clocks.hpp"
#include "on_loop.hpp"

namespace {

using namespace event_draft;
using namespace event_draft::testing;

/// The publisher for an event loop, for tests that block.
class LoopedPublisher {
 public:
  explicit LoopedPublisher(const kafka::Config& config) : publisher_{config}, looped_{publisher_} {}

  Result<void> publish(const EventMessage& message, Deadline deadline) {
    return looped_.call([&](auto& publisher) { return publisher.publish(message, deadline); });
  }

 private:
  kafka::KafkaPublisher publisher_;
  OnLoop<kafka::AsyncKafkaPublisher> looped_;
};

class AsyncKafka : public RealTime {
 public:
  AsyncKafka() { reopen(); }

  auto& port() { return *port_; }
  void reopen() {
    port_.reset();
    port_.emplace(kafka::Config{.brokers = server_.url()});
  }
  [[nodiscard]] auto published() { return reader_.read(); }

 private:
  RealServer server_{"kafka"};
  KafkaReader reader_{server_.url()};
  std::optional<LoopedPublisher> port_;
};

EVENT_DRAFT_PUBLISHER_CONTRACT(AsyncKafka);

}  // namespace
