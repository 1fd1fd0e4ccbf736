#include "postgres_harness.hpp"

namespace {

using namespace event_draft::testing;

using Postgres = PostgresHarness<PostgresDraftRepository, false>;
EVENT_DRAFT_REPOSITORY_CONTRACT(Postgres);
EVENT_DRAFT_APPROVAL_CONTRACT(Postgres);
EVENT_DRAFT_OUTBOX_CONTRACT(Postgres);

using PostgresPrepared = PostgresHarness<PostgresDraftRepository, true>;
EVENT_DRAFT_REPOSITORY_CONTRACT(PostgresPrepared);
EVENT_DRAFT_APPROVAL_CONTRACT(PostgresPrepared);
EVENT_DRAFT_OUTBOX_CONTRACT(PostgresPrepared);

using PostgresThroughPgBouncer = PgBouncerHarness<PostgresDraftRepository>;
EVENT_DRAFT_REPOSITORY_CONTRACT(PostgresThroughPgBouncer);
EVENT_DRAFT_APPROVAL_CONTRACT(PostgresThroughPgBouncer);
EVENT_DRAFT_OUTBOX_CONTRACT(PostgresThroughPgBouncer);

}  // namespace
