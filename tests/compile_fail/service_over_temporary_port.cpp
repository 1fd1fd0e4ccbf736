// The ports are held by reference: a temporary would be gone before the first call.
// expect-gcc: (class template argument deduction failed|cannot bind non-const lvalue reference)
// expect-clang: no viable constructor or deduction guide
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
#ifdef EVENT_DRAFT_FIXED
  Publisher publisher;
  EventDraftService service{accept_event_loss, repository, cache, publisher};
#else
  EventDraftService service{accept_event_loss, repository, cache, Publisher{}};
#endif
  return service.create_event_draft({.user_id = 1}) ? 0 : 1;
}
