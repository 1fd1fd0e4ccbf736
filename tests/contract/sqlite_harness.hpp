#pragma once

#include <adapters/sqlite/config.hpp>
#include <event_draft/testing/contracts.hpp>
#include <optional>

#include "harness_clocks.hpp"
#include "temporary_directory.hpp"

namespace event_draft::testing {

/// How the contract suites get a fresh repository on SQLite, whichever adapter it is.
template <class Port>
class SqliteHarness : public RealTime {
 public:
  SqliteHarness() { reopen(); }

  auto& port() { return *port_; }
  void reopen() {
    port_.reset();
    port_.emplace(sqlite::Config{directory_.path() / "drafts.db"});
  }

 private:
  TemporaryDirectory directory_;
  std::optional<Port> port_;
};

}  // namespace event_draft::testing
