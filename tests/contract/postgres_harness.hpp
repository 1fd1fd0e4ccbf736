#pragma once

#include <event_draft/testing/contracts.hpp>
#include <optional>

#include "../integration/postgres_fixture.hpp"
#include "harness_clocks.hpp"

// How the contract suites get a fresh repository, whichever adapter it is.
namespace event_draft::testing {

/// In a schema of its own.
template <class Port, bool prepared>
class PostgresHarness : public RealTime {
 public:
  PostgresHarness() { reopen(); }

  auto& port() { return *port_; }
  void reopen() {
    port_.reset();
    auto config = schema_.config();
    config.prepared_statements = prepared;
    port_.emplace(config);
  }

 private:
  PostgresSchema schema_;
  std::optional<Port> port_;
};

/// In the schema `public`, emptied each time: PgBouncer knows one user.
template <class Port>
class PgBouncerHarness : public RealTime {
 public:
  PgBouncerHarness() {
    PostgresShell{RealServer{"postgres"}.url()}.run("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    reopen();
  }

  auto& port() { return *port_; }
  void reopen() {
    port_.reset();
    port_.emplace(postgres::Config{.url = RealServer{"pgbouncer"}.url()});
  }

 private:
  std::optional<Port> port_;
};

}  // namespace event_draft::testing
