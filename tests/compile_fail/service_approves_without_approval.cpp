// Only who approves is asked for a repository that can.
// expect: ApprovingRepository needs: Result<std::optional<ApprovedDraft>> approve\(const DraftApproval&, Deadline\)
#include <event_draft.hpp>

using namespace event_draft;

struct Repository {
  Result<SavedDraft> save(const NewEventDraft&, Deadline) { return Errc::internal_error; }
  Result<std::optional<EventDraft>> find(const DraftId&, Deadline) { return std::nullopt; }
#ifdef EVENT_DRAFT_FIXED
  Result<std::optional<ApprovedDraft>> approve(const DraftApproval&, Deadline) { return std::nullopt; }
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
  EventDraftService service{accept_event_loss, repository, cache, publisher};
  return service.approve_event_draft(DraftId::numbered(1), 1) ? 0 : 1;
}
