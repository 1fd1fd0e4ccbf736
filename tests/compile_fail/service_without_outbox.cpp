// Without an outbox events can be lost, and whoever makes the service has to say that this is accepted.
// expect: this repository has no outbox, so events can be lost
// expect: EventDraftService\{accept_event_loss, repository, cache, publisher\}
#include <event_draft.hpp>

using namespace event_draft;

struct Repository {
  Result<SavedDraft> save(const NewEventDraft&, Deadline) { return Errc::internal_error; }
  Result<std::optional<EventDraft>> find(const DraftId&, Deadline) { return std::nullopt; }
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
#ifdef EVENT_DRAFT_FIXED
  EventDraftService service{accept_event_loss, repository, cache, publisher};
#else
  EventDraftService service{repository, cache, publisher};
#endif
  return service.create_event_draft({.user_id = 1}) ? 0 : 1;
}
