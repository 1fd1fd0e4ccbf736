#include <adapters/kafka/kafka_publisher.hpp>
#include <chrono>
#include <event_draft/testing/contracts.hpp>
#include <optional>

#include "../integration/kafka_reader.hpp"
#include "../integration/real_server.hpp"
#include "harness_clocks.hpp"

namespace {

class Kafka : public event_draft::testing::RealTime {
 public:
  Kafka() { reopen(); }

  auto& port() { return *port_; }
  void reopen() {
    port_.reset();
    port_.emplace(event_draft::kafka::Config{.brokers = server_.url(), .message_timeout = std::chrono::seconds{30}});
  }
  [[nodiscard]] auto published() { return reader_.read(); }

 private:
  event_draft::testing::RealServer server_{"kafka"};
  event_draft::testing::KafkaReader reader_{server_.url()};
  std::optional<event_draft::kafka::KafkaPublisher> port_;
};

EVENT_DRAFT_PUBLISHER_CONTRACT(Kafka);

}  // namespace
