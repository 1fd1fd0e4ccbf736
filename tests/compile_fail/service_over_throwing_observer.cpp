// expect: Observer needs: void on_step\(const StepReport&\) noexcept
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

struct Log {
#ifdef EVENT_DRAFT_FIXED
  void on_step(const StepReport&) noexcept {}
#else
  void on_step(const StepReport&) {}
#endif
  void on_exception(Step, std::string_view) noexcept {}
};

int main() {
  Repository repository;
  Cache cache;
  Publisher publisher;
  Log log;
  EventDraftService service{accept_event_loss, repository, cache, publisher, {}, system_clock, log};
  return service.create_event_draft({.user_id = 1}) ? 0 : 1;
}
