#pragma once

#include <utility>

#include "backends.hpp"

namespace event_draft::server {

/// An adapter behind the program's own port. What is left to say is its name, and whether it is ready.
template <class Adapter>
class BoundRepository : public RepositoryBackend {
 public:
  template <class Settings>
  explicit BoundRepository(Settings settings) : adapter_{std::move(settings)} {}

  Result<SavedDraft> save(const NewEventDraft& draft, Deadline deadline) override {
    return adapter_.save(draft, deadline);
  }
  Result<std::optional<EventDraft>> find(const DraftId& id, Deadline deadline) override {
    return adapter_.find(id, deadline);
  }
  Result<std::optional<ApprovedDraft>> approve(const DraftApproval& approval, Deadline deadline) override {
    return adapter_.approve(approval, deadline);
  }
  void settle_later(const Settlement& settlement) noexcept override { adapter_.settle_later(settlement); }
  Result<std::vector<LeasedEvent>> claim(std::size_t limit, std::chrono::milliseconds time,
                                         Deadline deadline) override {
    return adapter_.claim(limit, time, deadline);
  }
  Result<void> settle(std::span<const Settlement> settlements, Deadline deadline) override {
    return adapter_.settle(settlements, deadline);
  }
  Result<std::size_t> remove_published(std::chrono::milliseconds age, std::size_t limit, Deadline deadline) override {
    return adapter_.remove_published(age, limit, deadline);
  }
  Result<OutboxStats> stats(Deadline deadline) override { return adapter_.stats(deadline); }
  Result<std::vector<ParkedEvent>> parked(const std::optional<EventId>& after, std::size_t limit,
                                          Deadline deadline) override {
    return adapter_.parked(after, limit, deadline);
  }
  Result<bool> replay(const EventId& id, Deadline deadline) override { return adapter_.replay(id, deadline); }
  Result<bool> discard(const EventId& id, Deadline deadline) override { return adapter_.discard(id, deadline); }

 protected:
  Adapter adapter_;
};

template <class Adapter>
class BoundCache : public CacheBackend {
 public:
  template <class Settings>
  explicit BoundCache(Settings settings) : adapter_{std::move(settings)} {}

  Result<std::optional<std::string>> get(std::string_view key, Deadline deadline) override {
    return adapter_.get(key, deadline);
  }
  Result<void> set(std::span<const CacheWrite> writes, Deadline deadline) override {
    return adapter_.set(writes, deadline);
  }

 protected:
  Adapter adapter_;
};

template <class Adapter>
class BoundPublisher : public PublisherBackend {
 public:
  template <class Settings>
  explicit BoundPublisher(Settings settings) : adapter_{std::move(settings)} {}

  Result<void> publish(const EventMessage& message, Deadline deadline) override {
    return adapter_.publish(message, deadline);
  }
  void publish_all(std::span<const EventMessage> messages, std::span<Result<void>> results,
                   Deadline deadline) override {
    adapter_.publish_all(messages, results, deadline);
  }

 protected:
  Adapter adapter_;
};

}  // namespace event_draft::server
