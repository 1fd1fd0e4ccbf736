#include "../integration/async_sqlite_fixture.hpp"
#include "sqlite_harness.hpp"

namespace {

using AsyncSqlite = event_draft::testing::SqliteHarness<event_draft::testing::LoopedSqlite>;
EVENT_DRAFT_REPOSITORY_CONTRACT(AsyncSqlite);
EVENT_DRAFT_APPROVAL_CONTRACT(AsyncSqlite);
EVENT_DRAFT_OUTBOX_CONTRACT(AsyncSqlite);

}  // namespace
