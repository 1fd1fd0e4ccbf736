#include <adapters/sqlite/sqlite_draft_repository.hpp>
#include <event_draft/testing/contracts.hpp>
#include <optional>

#include "harness_clocks.hpp"
#include "temporary_directory.hpp"

namespace {

class SqliteRepository : public event_draft::testing::RealTime {
 public:
  SqliteRepository() { reopen(); }

  auto& port() { return *port_; }
  void reopen() {
    port_.reset();
    port_.emplace(event_draft::sqlite::Config{directory_.path() / "drafts.db"});
  }

 private:
  event_draft::testing::TemporaryDirectory directory_;
  std::optional<event_draft::sqlite::SqliteDraftRepository> port_;
};

EVENT_DRAFT_REPOSITORY_CONTRACT(SqliteRepository);
EVENT_DRAFT_APPROVAL_CONTRACT(SqliteRepository);
EVENT_DRAFT_OUTBOX_CONTRACT(SqliteRepository);

}  // namespace
