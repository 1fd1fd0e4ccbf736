#pragma once

#include <adapters/postgres/async_postgres_draft_repository.hpp>

#include "../contract/on_loop.hpp"
#include "postgres_fixture.hpp"

namespace event_draft::testing {

/// The repository on an event loop, for tests that block, beside the blocking one that has its schema and its outbox.
class LoopedRepository {
 public:
  explicit LoopedRepository(const postgres::Config& config, std::size_t connections = 2)
      : blocking{config}, looped{with(config, connections), blocking} {}

  Result<SavedDraft> save(const NewEventDraft& draft, Deadline deadline) {
    return looped.call([&](auto& repository) { return repository.save(draft, deadline); });
  }
  Result<std::optional<EventDraft>> find(const DraftId& id, Deadline deadline) {
    return looped.call([&](auto& repository) { return repository.find(id, deadline); });
  }
  Result<std::optional<ApprovedDraft>> approve(const DraftApproval& approval, Deadline deadline) {
    return looped.call([&](auto& repository) { return repository.approve(approval, deadline); });
  }
  Result<void> ready(Deadline deadline) {
    return looped.call([&](auto& repository) { return repository.ready(deadline); });
  }

  // The relay's, and what else is done elsewhere.
  void settle_later(const Settlement& settlement) noexcept { blocking.settle_later(settlement); }
  auto claim(std::size_t limit, std::chrono::milliseconds time, Deadline deadline) {
    return blocking.claim(limit, time, deadline);
  }
  auto settle(std::span<const Settlement> settlements, Deadline deadline) {
    return blocking.settle(settlements, deadline);
  }
  auto remove_published(std::chrono::milliseconds age, std::size_t limit, Deadline deadline) {
    return blocking.remove_published(age, limit, deadline);
  }
  auto stats(Deadline deadline) { return blocking.stats(deadline); }
  auto parked(const std::optional<EventId>& after, std::size_t limit, Deadline deadline) {
    return blocking.parked(after, limit, deadline);
  }
  auto replay(const EventId& id, Deadline deadline) { return blocking.replay(id, deadline); }
  auto discard(const EventId& id, Deadline deadline) { return blocking.discard(id, deadline); }

  PostgresDraftRepository blocking;
  OnLoop<postgres::AsyncPostgresDraftRepository> looped;

 private:
  static postgres::Config with(postgres::Config config, std::size_t connections) {
    config.connections = connections;
    return config;
  }
};

}  // namespace event_draft::testing
