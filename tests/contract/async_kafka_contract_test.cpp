#include <chrono>
#include <event_draft/testing/contracts.hpp>
#include <optional>

#include "../integration/kafka_reader.hpp"
#include "../integration/real_server.hpp"
#include "harness_clocks.hpp"
#include "looped_publisher.hpp"

namespace {

using namespace event_draft;
using namespace event_draft::testing;

class AsyncKafka : public RealTime {
 public:
  AsyncKafka() { reopen(); }

  auto& port() { return *port_; }
  void reopen() {
    port_.reset();
    port_.emplace(kafka::Config{.brokers = server_.url(), .message_timeout = std::chrono::seconds{30}});
  }
  [[nodiscard]] auto published() { return reader_.read(); }

 private:
  RealServer server_{"kafka"};
  KafkaReader reader_{server_.url()};
  std::optional<LoopedPublisher> port_;
};

EVENT_DRAFT_PUBLISHER_CONTRACT(AsyncKafka);

}  // namespace
