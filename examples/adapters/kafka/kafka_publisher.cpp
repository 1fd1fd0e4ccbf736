#include "kafka_publisher.hpp"

#include <algorithm>

#include "deliveries.hpp"

namespace event_draft::kafka {
namespace {

bool is_rejected(const Result<void>& result) { return !result && result.assume_error() == Errc::event_rejected; }

}  // namespace

Result<void> KafkaPublisher::publish(const EventMessage& message, Deadline deadline) {
  Result<void> result = Errc::internal_error;
  deliver({&message, 1}, {&result, 1}, deadline);
  return result;
}

void KafkaPublisher::publish_all(std::span<const EventMessage> messages, std::span<Result<void>> results,
                                 Deadline deadline) {
  if (messages.empty()) return;
  deliver(messages, results, deadline);
  if (messages.size() == 1) return;
  // A broker refuses what librdkafka has put together as a whole, so each of it is tried alone.
  for (std::size_t i = 0; i != messages.size(); ++i) {
    if (is_rejected(results[i]) && !deadline.expired()) results[i] = publish(messages[i], deadline);
  }
}

void KafkaPublisher::deliver(std::span<const EventMessage> messages, std::span<Result<void>> results,
                             Deadline deadline) {
  if (deadline.expired()) {
    std::ranges::fill(results, Error{Errc::deadline_exceeded});
    return;
  }
  const auto deliveries = Deliveries::of(messages.size());
  Result<void> handed = success();
  for (std::size_t i = 0; i != messages.size(); ++i) {
    Delivery& delivery = deliveries->expect(i);
    // Once the queue is full the rest waits too, for a later event of a draft must not overtake an earlier one.
    if (handed || is_rejected(handed)) handed = producer_.hand_over(messages[i], delivery);
    if (!handed) delivery.report(handed);
  }
  deliveries->wait(deadline, results);
}

}  // namespace event_draft::kafka
