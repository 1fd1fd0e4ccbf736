// An outbox that lacks a function is none.
// expect: this repository has no outbox, so events can be lost
#include <event_draft.hpp>

using namespace event_draft;

struct Repository {
  Result<SavedDraft> save(const NewEventDraft&, Deadline) { return Errc::internal_error; }
  Result<std::optional<EventDraft>> find(const DraftId&, Deadline) { return std::nullopt; }
  Result<std::vector<LeasedEvent>> claim(std::size_t, std::chrono::milliseconds, Deadline) {
    return Errc::internal_error;
  }
  Result<void> settle(std::span<const Settlement>, Deadline) { return success(); }
#ifdef EVENT_DRAFT_FIXED
  void settle_later(const Settlement&) noexcept {}
#else
  void settle_later(const Settlement&) {}
#endif
};

struct Cache {
  Result<std::optional<std::string>> get(std::string_view, Deadline) { return std::nullopt; }
  Result<void> set(std::span<const CacheWrite>, Deadline) { return success(); }
};

struct Publisher {
  Result<void> publish(const EventMessage&, Deadline) { return success(); }
};

int main() {
  Repository repository;
  Cache cache;
  Publisher publisher;
  EventDraftService service{repository, cache, publisher};
  return service.create_event_draft({.user_id = 1}) ? 0 : 1;
}
