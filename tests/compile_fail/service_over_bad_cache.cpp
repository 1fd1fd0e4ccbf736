// Whoever only makes a service, and never heard of check_port, reads the line as well.
// expect: DraftCache needs: Result<std::optional<std::string>> get\(std::string_view key, Deadline\)
#include <event_draft.hpp>

using namespace event_draft;

struct Repository {
  Result<SavedDraft> save(const NewEventDraft&, Deadline) { return Errc::internal_error; }
  Result<std::optional<EventDraft>> find(const DraftId&, Deadline) { return std::nullopt; }
};

struct Cache {
#ifdef EVENT_DRAFT_FIXED
  Result<std::optional<std::string>> get(std::string_view, Deadline) { return std::nullopt; }
#else
  std::optional<std::string> get(std::string_view, Deadline) { return std::nullopt; }
#endif
  Result<void> set(std::span<const CacheWrite>, Deadline) { return success(); }
};

struct Publisher {
  Result<void> publish(const EventMessage&, Deadline) { return success(); }
};

int main() {
  Repository repository;
  Cache cache;
  Publisher publisher;
  EventDraftService service{accept_event_loss, repository, cache, publisher};
  return service.create_event_draft({.user_id = 1}) ? 0 : 1;
}
