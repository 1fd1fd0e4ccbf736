#pragma once

#include <event_draft/ports.hpp>
#include <span>

#include "kafka_config.hpp"
#include "producer.hpp"
#include "statistics.hpp"

namespace event_draft::kafka {

/// Publishes to Kafka. A success is the brokers' acknowledgement (`acks=all`).
///
/// A call returns by its deadline. An event that is not reported by then is `deadline_exceeded` with an effect `unknown`: it
/// may still arrive, within the configured `message_timeout`. Errors otherwise: `event_rejected` (too large, invalid by the
/// broker's rules) and `publisher_unavailable` (all else; with more events waiting than librdkafka may queue, too), their
/// effect `not_applied` or `unknown` as far as librdkafka knows.
///
/// Events of one draft share a partition and keep the order of their calls. One that fails leaves a gap, and if it is sent
/// again it comes after those that were handed over meanwhile: so wait for a draft's event before you send its next.
class KafkaPublisher {
 public:
  /// Waits for a broker for `config.warm_up`, and goes on without one. Throws `ConfigError`.
  explicit KafkaPublisher(Config config) : producer_{std::move(config)} {}
  // The destructor waits for reports for `config.flush`. Nobody may be in a call.

  [[nodiscard]] Result<void> publish(const EventMessage& message, Deadline deadline);

  /// Hands all of them over, in their order, and waits once.
  void publish_all(std::span<const EventMessage> messages, std::span<Result<void>> results, Deadline deadline);

  /// Hands one over and does not wait: the delivery is reported exactly once, unless this gives an error.
  [[nodiscard]] Result<void> hand_over(const EventMessage& message, Delivery& delivery) noexcept {
    return producer_.hand_over(message, delivery);
  }

  /// Whether the topic is there and every partition can be written to, asked of a broker.
  [[nodiscard]] Result<void> ready(Deadline deadline) { return producer_.ready(deadline); }

  [[nodiscard]] Statistics statistics() const { return producer_.statistics(); }

 private:
  void deliver(std::span<const EventMessage> messages, std::span<Result<void>> results, Deadline deadline);

  Producer producer_;
};

static_assert(EventPublisher<KafkaPublisher> && BatchEventPublisher<KafkaPublisher>);

}  // namespace event_draft::kafka
