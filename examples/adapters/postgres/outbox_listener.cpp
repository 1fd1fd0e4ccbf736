#include "outbox_listener.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

namespace event_draft::postgres {

bool OutboxListener::wait(Deadline deadline) {
  while (!deadline.expired()) {
    if (!connection_) {
      std::this_thread::sleep_until(std::min(not_before_, deadline.at()));
      if (!deadline.expired() && connect()) return true;
      continue;
    }
    const auto notified = connection_->wait_for_notification(deadline);
    if (notified) return notified.assume_value();
    connection_.reset();
  }
  return false;
}

/// Has its own time: a caller who looks in often would never let it come to an end.
bool OutboxListener::connect() {
  constexpr std::chrono::seconds patience{2};
  const Deadline until = Deadline::after(patience);
  auto connection = Connection::open(url_, false, until, report_);
  if (connection && connection.assume_value().execute("LISTEN event_draft_outbox", until)) {
    connection_ = std::move(connection).assume_value();
    failures_ = 0;
    return true;
  }
  const auto now = std::chrono::steady_clock::now();
  not_before_ = now + backoff_(++failures_, static_cast<std::uint64_t>(now.time_since_epoch().count()));
  return false;
}

}  // namespace event_draft::postgres
