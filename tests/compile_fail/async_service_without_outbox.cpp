// Without an outbox events can be lost, and whoever makes the service has to say that this is accepted.
// expect: this repository has no outbox, so events can be lost
// expect: AsyncEventDraftService\{accept_event_loss, repository, cache, publisher\}
#include <event_draft/async_service.hpp>
#include <event_draft/task.hpp>

using namespace event_draft;

struct Ports {
  Task<Result<SavedDraft>> save(const NewEventDraft&, Deadline) { co_return Errc::internal_error; }
  Task<Result<std::optional<EventDraft>>> find(const DraftId&, Deadline) { co_return std::nullopt; }
  Task<Result<std::optional<std::string>>> get(std::string_view, Deadline) { co_return std::nullopt; }
  Task<Result<void>> set(std::span<const CacheWrite>, Deadline) { co_return success(); }
  Task<Result<void>> publish(const EventMessage&, Deadline) { co_return success(); }
};

int main() {
  Ports ports;
#ifdef EVENT_DRAFT_FIXED
  AsyncEventDraftService service{accept_event_loss, ports, ports, ports};
#else
  AsyncEventDraftService service{ports, ports, ports};
#endif
  auto task = service.create_event_draft({.user_id = 1});
  task.start();
  return task.get() ? 0 : 1;
}
