#include <adapters/sqlite/sqlite_draft_repository.hpp>

#include "sqlite_harness.hpp"

namespace {

using SqliteRepository = event_draft::testing::SqliteHarness<event_draft::sqlite::SqliteDraftRepository>;
EVENT_DRAFT_REPOSITORY_CONTRACT(SqliteRepository);
EVENT_DRAFT_APPROVAL_CONTRACT(SqliteRepository);
EVENT_DRAFT_OUTBOX_CONTRACT(SqliteRepository);

}  // namespace
