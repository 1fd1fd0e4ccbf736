#include <adapters/postgres/postgres_draft_repository.hpp>
#include <event_draft/testing/contracts.hpp>
#include <optional>

#include "../integration/postgres_fixture.hpp"
#include "harness_clocks.hpp"

namespace {

using namespace event_draft::testing;

template <bool prepared>
class Repository : public RealTime {
 public:
  Repository() { reopen(); }

  auto& port() { return *port_; }
  void reopen() {
    port_.reset();
    auto config = schema_.config();
    config.prepared_statements = prepared;
    port_.emplace(config);
  }

 private:
  PostgresSchema schema_;
  std::optional<event_draft::postgres::PostgresDraftRepository> port_;
};

using Postgres = Repository<false>;
EVENT_DRAFT_REPOSITORY_CONTRACT(Postgres);
EVENT_DRAFT_APPROVAL_CONTRACT(Postgres);
EVENT_DRAFT_OUTBOX_CONTRACT(Postgres);

using PostgresPrepared = Repository<true>;
EVENT_DRAFT_REPOSITORY_CONTRACT(PostgresPrepared);
EVENT_DRAFT_APPROVAL_CONTRACT(PostgresPrepared);
EVENT_DRAFT_OUTBOX_CONTRACT(PostgresPrepared);

/// The schema `public`, emptied each time: PgBouncer knows one user.
class PostgresThroughPgBouncer : public RealTime {
 public:
  PostgresThroughPgBouncer() {
    PostgresShell{RealServer{"postgres"}.url()}.run("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    reopen();
  }

  auto& port() { return *port_; }
  void reopen() {
    port_.reset();
    port_.emplace(event_draft::postgres::Config{.url = RealServer{"pgbouncer"}.url()});
  }

 private:
  std::optional<event_draft::postgres::PostgresDraftRepository> port_;
};

EVENT_DRAFT_REPOSITORY_CONTRACT(PostgresThroughPgBouncer);
EVENT_DRAFT_APPROVAL_CONTRACT(PostgresThroughPgBouncer);
EVENT_DRAFT_OUTBOX_CONTRACT(PostgresThroughPgBouncer);

}  // namespace
