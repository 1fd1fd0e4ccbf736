#pragma once

#include <event_draft/async_ports.hpp>
#include <memory>
#include <string>

#include "../async/inbox.hpp"
#include "../async/promise.hpp"
#include "json_lines_publisher.hpp"

namespace event_draft::event_log {

/// `JsonLinesPublisher` for an event loop, for its thread alone: the events of all loops are handed to the publisher, whose
/// thread writes together what has come while it synced. The errors are the publisher's. What nobody waits for any longer, and
/// what is late, is not written, unless it was being written already.
///
/// Neither the publisher nor the loop's context may end before this has. It may end while calls wait: those that were not being
/// written are not, and who waits for one is told when its time is over.
class AsyncJsonLinesPublisher {
 public:
  AsyncJsonLinesPublisher(adapters::Loop& loop, JsonLinesPublisher& publisher);
  AsyncJsonLinesPublisher(const AsyncJsonLinesPublisher&) = delete;
  AsyncJsonLinesPublisher& operator=(const AsyncJsonLinesPublisher&) = delete;
  ~AsyncJsonLinesPublisher();

  [[nodiscard]] adapters::Future<void> publish(const EventMessage& message, Deadline deadline);
  [[nodiscard]] adapters::Future<void> ready(Deadline deadline);

 private:
  adapters::Future<void> submit(std::string lines, Deadline deadline);

  adapters::Loop& loop_;
  JsonLinesPublisher& publisher_;
  std::shared_ptr<adapters::Inbox> inbox_;
};

static_assert(AsyncEventPublisher<AsyncJsonLinesPublisher>);

}  // namespace event_draft::event_log
