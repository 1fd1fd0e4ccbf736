#include <adapters/postgres/postgres_draft_repository.hpp>
#include <event_draft/testing/contracts.hpp>
#include <optional>
#include <string>

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

/// A database of its own behind PgBouncer in transaction mode.
class PostgresThroughPgBouncer : public RealTime {
 public:
  PostgresThroughPgBouncer() {
    static int made = 0;
    name_ = "behind_pgbouncer_" + std::to_string(++made);
    PostgresShell{RealServer{"postgres"}.url()}.run("CREATE DATABASE " + name_);
    reopen();
  }

  auto& port() { return *port_; }
  void reopen() {
    port_.reset();
    std::string url = RealServer{"pgbouncer"}.url();
    port_.emplace(event_draft::postgres::Config{.url = url.replace(url.rfind('/') + 1, std::string::npos, name_)});
  }

 private:
  std::string name_;
  std::optional<event_draft::postgres::PostgresDraftRepository> port_;
};

EVENT_DRAFT_REPOSITORY_CONTRACT(PostgresThroughPgBouncer);
EVENT_DRAFT_APPROVAL_CONTRACT(PostgresThroughPgBouncer);
EVENT_DRAFT_OUTBOX_CONTRACT(PostgresThroughPgBouncer);

}  // namespace
