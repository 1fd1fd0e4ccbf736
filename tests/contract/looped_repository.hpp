#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>

#include <event_draft/outbox.hpp>
#include <event_draft/ports.hpp>

#include "on_loop.hpp"

namespace event_draft::testing {

/// A repository on an event loop, for tests that block, beside the blocking one that has its outbox. Both are the derived
/// class's members.
template <class Blocking, class Async>
class LoopedRepository {
 public:
  LoopedRepository(const LoopedRepository&) = delete;
  LoopedRepository& operator=(const LoopedRepository&) = delete;

  Result<SavedDraft> save(const NewEventDraft& draft, Deadline deadline) {
    return looped_.call([&](auto& repository) { return repository.save(draft, deadline); });
  }
  Result<std::optional<EventDraft>> find(const DraftId& id, Deadline deadline) {
    return looped_.call([&](auto& repository) { return repository.find(id, deadline); });
  }
  Result<std::optional<ApprovedDraft>> approve(const DraftApproval& approval, Deadline deadline) {
    return looped_.call([&](auto& repository) { return repository.approve(approval, deadline); });
  }
  Result<void> ready(Deadline deadline) {
    return looped_.call([&](auto& repository) { return repository.ready(deadline); });
  }
  void settle_later(const Settlement& settlement) noexcept {
    looped_.run([&](auto& repository) { repository.settle_later(settlement); });
  }

  // The relay's, and what else is done elsewhere.
  auto claim(std::size_t limit, std::chrono::milliseconds time, Deadline deadline) {
    return blocking_.claim(limit, time, deadline);
  }
  auto settle(std::span<const Settlement> settlements, Deadline deadline) {
    return blocking_.settle(settlements, deadline);
  }
  auto remove_published(std::chrono::milliseconds age, std::size_t limit, Deadline deadline) {
    return blocking_.remove_published(age, limit, deadline);
  }
  auto stats(Deadline deadline) { return blocking_.stats(deadline); }
  auto parked(const std::optional<EventId>& after, std::size_t limit, Deadline deadline) {
    return blocking_.parked(after, limit, deadline);
  }
  auto replay(const EventId& id, Deadline deadline) { return blocking_.replay(id, deadline); }
  auto discard(const EventId& id, Deadline deadline) { return blocking_.discard(id, deadline); }

 protected:
  LoopedRepository(Blocking& blocking, OnLoop<Async>& looped) noexcept : blocking_{blocking}, looped_{looped} {}

 private:
  Blocking& blocking_;
  OnLoop<Async>& looped_;
};

}  // namespace event_draft::testing
