#pragma once

#include <event_draft/backoff.hpp>
#include <event_draft/deadline.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "connection.hpp"

namespace event_draft::postgres {

/// Waits for word that events have become due, from any process: what was released, replayed. It has a connection of its own,
/// which must lead to the server itself or to a pooler in session mode. A relay polls all the same: a notification that is lost
/// with a connection costs a poll's time. For one thread.
class OutboxListener {
 public:
  /// `on_failure` must not throw. It is called from the thread that waits: one that a repository has, too, is called by both.
  OutboxListener(std::string url, std::function<void(std::string_view)> on_failure)
      : url_{std::move(url)}, report_{std::move(on_failure)} {}
  OutboxListener(const OutboxListener&) = delete;  // its connection points at the reporter
  OutboxListener& operator=(const OutboxListener&) = delete;

  /// True when there may be something to claim: after a notification, and once after each connecting, for what was missed. False
  /// at the deadline, or 2 s after it when it had to connect; with a back-off between attempts that fail.
  [[nodiscard]] bool wait(Deadline deadline);

 private:
  bool connect();

  std::string url_;
  Report report_;
  std::optional<Connection> connection_;
  int failures_ = 0;  // in a row
  SteadyTime not_before_{};
  const Backoff backoff_{std::chrono::milliseconds{100}, std::chrono::milliseconds{5000}};
};

}  // namespace event_draft::postgres
