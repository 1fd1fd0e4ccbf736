#pragma once

#include <adapters/postgres/async_postgres_draft_repository.hpp>

#include "../contract/looped_repository.hpp"
#include "postgres_fixture.hpp"

namespace event_draft::testing {

/// The repository on an event loop, for tests that block, beside the blocking one that has its schema and its outbox.
class LoopedPostgres : public LoopedRepository<PostgresDraftRepository, postgres::AsyncPostgresDraftRepository> {
 public:
  explicit LoopedPostgres(const postgres::Config& config, std::size_t connections = 2)
      : LoopedRepository{blocking, looped}, blocking{config}, looped{with(config, connections), blocking} {}

  PostgresDraftRepository blocking;
  OnLoop<postgres::AsyncPostgresDraftRepository> looped;

 private:
  static postgres::Config with(postgres::Config config, std::size_t connections) {
    config.connections = connections;
    return config;
  }
};

}  // namespace event_draft::testing
