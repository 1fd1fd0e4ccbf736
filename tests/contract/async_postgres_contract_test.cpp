#include <event_draft/testing/contracts.hpp>
#include <optional>

#include "../integration/async_postgres_fixture.hpp"
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
  std::optional<LoopedPostgres> port_;
};

using AsyncPostgres = Repository<false>;
EVENT_DRAFT_REPOSITORY_CONTRACT(AsyncPostgres);
EVENT_DRAFT_APPROVAL_CONTRACT(AsyncPostgres);
EVENT_DRAFT_OUTBOX_CONTRACT(AsyncPostgres);

using AsyncPostgresPrepared = Repository<true>;
EVENT_DRAFT_REPOSITORY_CONTRACT(AsyncPostgresPrepared);
EVENT_DRAFT_APPROVAL_CONTRACT(AsyncPostgresPrepared);

/// The schema `public`, emptied each time: PgBouncer knows one user.
class AsyncPostgresThroughPgBouncer : public RealTime {
 public:
  AsyncPostgresThroughPgBouncer() {
    PostgresShell{RealServer{"postgres"}.url()}.run("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    reopen();
  }

  auto& port() { return *port_; }
  void reopen() {
    port_.reset();
    port_.emplace(event_draft::postgres::Config{.url = RealServer{"pgbouncer"}.url()});
  }

 private:
  std::optional<LoopedPostgres> port_;
};

EVENT_DRAFT_REPOSITORY_CONTRACT(AsyncPostgresThroughPgBouncer);
EVENT_DRAFT_APPROVAL_CONTRACT(AsyncPostgresThroughPgBouncer);

}  // namespace
