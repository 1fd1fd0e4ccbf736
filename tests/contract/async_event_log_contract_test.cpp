#include <adapters/event_log/async_json_lines_publisher.hpp>
#include <event_draft/testing/contracts.hpp>
#include <filesystem>
#include <optional>

#include "harness_clocks.hpp"
#include "on_loop.hpp"
#include "published_lines.hpp"
#include "temporary_directory.hpp"

namespace {

using namespace event_draft;
using namespace event_draft::testing;

/// The publisher for an event loop, for tests that block.
class LoopedPublisher {
 public:
  explicit LoopedPublisher(const event_log::Config& config) : publisher_{config}, looped_{publisher_} {}

  Result<void> publish(const EventMessage& message, Deadline deadline) {
    return looped_.call([&](auto& publisher) { return publisher.publish(message, deadline); });
  }

 private:
  event_log::JsonLinesPublisher publisher_;
  OnLoop<event_log::AsyncJsonLinesPublisher> looped_;
};

class AsyncEventLog : public RealTime {
 public:
  AsyncEventLog() { reopen(); }

  auto& port() { return *port_; }
  void reopen() {
    port_.reset();
    port_.emplace(event_log::Config{.path = path_});
  }
  [[nodiscard]] auto published() const { return published_lines(path_); }

 private:
  TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "events.jsonl";
  std::optional<LoopedPublisher> port_;
};

EVENT_DRAFT_PUBLISHER_CONTRACT(AsyncEventLog);

}  // namespace
