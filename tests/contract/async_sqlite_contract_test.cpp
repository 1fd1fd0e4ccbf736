#include <event_draft/testing/contracts.hpp>
#include <optional>

#include "../integration/async_sqlite_fixture.hpp"
#include "harness_clocks.hpp"
#include "temporary_directory.hpp"

namespace {

class AsyncSqlite : public event_draft::testing::RealTime {
 public:
  AsyncSqlite() { reopen(); }

  auto& port() { return *port_; }
  void reopen() {
    port_.reset();
    port_.emplace(event_draft::sqlite::Config{directory_.path() / "drafts.db"});
  }

 private:
  event_draft::testing::TemporaryDirectory directory_;
  std::optional<event_draft::testing::LoopedSqlite> port_;
};

EVENT_DRAFT_REPOSITORY_CONTRACT(AsyncSqlite);
EVENT_DRAFT_APPROVAL_CONTRACT(AsyncSqlite);
EVENT_DRAFT_OUTBOX_CONTRACT(AsyncSqlite);

}  // namespace
