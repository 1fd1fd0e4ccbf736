#include "outbox_listener.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

namespace event_draft::postgres {

bool OutboxListener::wait(Deadline deadline) {
  while (!deadline.expired()) {
    if (!connection_) {
      std::this_thread::sleep_until(std::min(not_before_, deadline.at()));
      if (connect(deadline)) return true;
      continue;
    }
    const auto notified = connection_->wait_for_notification(deadline);
    if (notified) return notified.assume_value();
    connection_.reset();
  }
  return false;
}

bool OutboxListener::connect(Deadline deadline) {
  constexpr std::chrono::seconds patience{5};  // of a server that does not answer, however long the caller has
  const Deadline until = std::min(deadline, Deadline::after(patience));
  auto connection = Connection::open(url_, false, until, report_);
  if (connection && connection.assume_value().execute("LISTEN event_draft_outbox", until)) {
    connection_ = std::move(connection).assume_value();
    failures_ = 0;
    return true;
  }
  if (deadline.expired()) return false;
  const auto now = std::chrono::steady_clock::now();
  not_before_ = now + backoff_(++failures_, static_cast<std::uint64_t>(now.time_since_epoch().count()));
  return false;
}

}  // namespace event_draft::postgres
