#pragma once

#include <adapters/kafka/async_kafka_publisher.hpp>

#include "on_loop.hpp"

namespace event_draft::testing {

/// The publisher for an event loop, for tests that block, beside the blocking one whose client it hands its events to.
class LoopedPublisher {
 public:
  explicit LoopedPublisher(const kafka::Config& config) : blocking_{config}, looped_{blocking_} {}

  Result<void> publish(const EventMessage& message, Deadline deadline) {
    return looped_.call([&](auto& publisher) { return publisher.publish(message, deadline); });
  }
  Result<void> ready(Deadline deadline) { return blocking_.ready(deadline); }
  [[nodiscard]] kafka::Statistics statistics() const { return blocking_.statistics(); }

 private:
  kafka::KafkaPublisher blocking_;
  OnLoop<kafka::AsyncKafkaPublisher> looped_;
};

}  // namespace event_draft::testing
