#pragma once

#include <adapters/postgres/async_postgres_draft_repository.hpp>
#include <algorithm>
#include <cstddef>

#include "../contract/looped_repository.hpp"
#include "postgres_fixture.hpp"

namespace event_draft::testing {

/// The repository on an event loop, for tests that block, beside the blocking one that has its schema and its outbox.
class LoopedPostgres : public LoopedRepository<PostgresDraftRepository, postgres::AsyncPostgresDraftRepository> {
 public:
  explicit LoopedPostgres(const postgres::Config& config)
      : LoopedRepository{blocking, looped}, blocking{config}, looped{of_a_loop(config), blocking} {}

  /// The loop's.
  [[nodiscard]] std::size_t connections() {
    std::size_t count = 0;
    looped.run([&](auto& repository) { count = repository.connections(); });
    return count;
  }

  PostgresDraftRepository blocking;
  OnLoop<postgres::AsyncPostgresDraftRepository> looped;

 private:
  /// Two connections are enough for it.
  static postgres::Config of_a_loop(postgres::Config config) {
    config.connections = std::min<std::size_t>(config.connections, 2);
    return config;
  }
};

}  // namespace event_draft::testing
