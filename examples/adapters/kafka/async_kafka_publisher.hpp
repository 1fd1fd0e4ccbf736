#pragma once

#include <event_draft/async_ports.hpp>
#include <memory>

#include "../async/inbox.hpp"
#include "../async/promise.hpp"
#include "kafka_publisher.hpp"

namespace event_draft::kafka {

/// `KafkaPublisher` for an event loop, for its thread alone: events are handed to the publisher's client, which all loops
/// share and which gathers what comes at the same time; its thread's reports come back to the loop. The errors are the
/// publisher's. Neither the publisher nor the loop's context may end before this has.
class AsyncKafkaPublisher {
 public:
  AsyncKafkaPublisher(adapters::Loop& loop, KafkaPublisher& publisher);
  AsyncKafkaPublisher(const AsyncKafkaPublisher&) = delete;
  AsyncKafkaPublisher& operator=(const AsyncKafkaPublisher&) = delete;
  ~AsyncKafkaPublisher();

  [[nodiscard]] adapters::Future<void> publish(const EventMessage& message, Deadline deadline);

 private:
  adapters::Loop& loop_;
  KafkaPublisher& publisher_;
  std::shared_ptr<adapters::Inbox> inbox_;
};

static_assert(AsyncEventPublisher<AsyncKafkaPublisher>);

}  // namespace event_draft::kafka
