#include "../integration/async_postgres_fixture.hpp"
#include "postgres_harness.hpp"

namespace {

using namespace event_draft::testing;

using AsyncPostgres = PostgresHarness<LoopedPostgres, false>;
EVENT_DRAFT_REPOSITORY_CONTRACT(AsyncPostgres);
EVENT_DRAFT_APPROVAL_CONTRACT(AsyncPostgres);
EVENT_DRAFT_OUTBOX_CONTRACT(AsyncPostgres);

using AsyncPostgresPrepared = PostgresHarness<LoopedPostgres, true>;
EVENT_DRAFT_REPOSITORY_CONTRACT(AsyncPostgresPrepared);
EVENT_DRAFT_APPROVAL_CONTRACT(AsyncPostgresPrepared);

using AsyncPostgresThroughPgBouncer = PgBouncerHarness<LoopedPostgres>;
EVENT_DRAFT_REPOSITORY_CONTRACT(AsyncPostgresThroughPgBouncer);
EVENT_DRAFT_APPROVAL_CONTRACT(AsyncPostgresThroughPgBouncer);

}  // namespace
