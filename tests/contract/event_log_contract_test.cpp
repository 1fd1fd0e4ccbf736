#include <adapters/event_log/json_lines_publisher.hpp>
#include <event_draft/testing/contracts.hpp>
#include <optional>
#include <vector>

#include "harness_clocks.hpp"
#include "published_lines.hpp"
#include "temporary_directory.hpp"

namespace {

template <event_draft::event_log::Sync sync>
class EventLog : public event_draft::testing::RealTime {
 public:
  EventLog() { reopen(); }

  auto& port() { return *port_; }
  void reopen() {
    port_.reset();
    port_.emplace(event_draft::event_log::Config{path_, sync});
  }
  [[nodiscard]] auto published() const { return event_draft::testing::published_lines(path_); }

 private:
  event_draft::testing::TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "events.jsonl";
  std::optional<event_draft::event_log::JsonLinesPublisher> port_;
};

using SyncedEventLog = EventLog<event_draft::event_log::Sync::every_event>;
using UnsyncedEventLog = EventLog<event_draft::event_log::Sync::never>;

EVENT_DRAFT_PUBLISHER_CONTRACT(SyncedEventLog);
EVENT_DRAFT_PUBLISHER_CONTRACT(UnsyncedEventLog);

}  // namespace
