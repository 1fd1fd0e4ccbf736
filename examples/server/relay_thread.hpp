#pragma once

#include <functional>
#include <thread>

#include <event_draft/relay_options.hpp>

#include "relay_bell.hpp"

namespace event_draft::server {

/// What the thread does; neither may throw, and both must end by themselves.
struct RelayTasks {
  std::function<RelayPass()> pass;  ///< of the relay
  std::function<void()> look;       ///< settles what requests have published, and takes the outbox's figures
};

/// Runs an outbox's relay beside the requests. It waits between the passes as long as they say, or until the bell rings;
/// a relay that has reason to wait says so again. About once a second it has a look.
class RelayThread {
 public:
  /// The bell must live longer. \throws std::system_error when there are no threads left
  RelayThread(RelayBell& bell, RelayTasks tasks);
  ~RelayThread() { stop(); }
  RelayThread(const RelayThread&) = delete;
  RelayThread& operator=(const RelayThread&) = delete;

  /// Ends it, after one more pass and look, so that what was published so far is settled. When it is stopped already, nothing
  /// happens.
  void stop() noexcept;

 private:
  void run() noexcept;

  RelayBell& bell_;
  RelayTasks tasks_;
  std::thread thread_;
};

}  // namespace event_draft::server
