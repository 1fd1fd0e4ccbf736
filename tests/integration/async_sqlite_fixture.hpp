#pragma once

#include <adapters/sqlite/async_sqlite_draft_repository.hpp>

#include "../contract/looped_repository.hpp"
#include "sqlite_fixture.hpp"

namespace event_draft::testing {

/// The repository on an event loop, for tests that block.
class LoopedSqlite : public LoopedRepository<SqliteDraftRepository, sqlite::AsyncSqliteDraftRepository> {
 public:
  explicit LoopedSqlite(const sqlite::Config& config) : LoopedRepository{blocking, looped}, blocking{config} {}

  SqliteDraftRepository blocking;
  sqlite::Writer writer{blocking};
  OnLoop<sqlite::AsyncSqliteDraftRepository> looped{writer};
};

}  // namespace event_draft::testing
