// A repository with neither function is told both, in one go.
// expect: DraftRepository needs: Result<SavedDraft> save\(const NewEventDraft&, Deadline\)
// expect: DraftRepository needs: Result<std::optional<EventDraft>> find\(const DraftId&, Deadline\)
#include <event_draft/check_port.hpp>

using namespace event_draft;

struct Repository {
#ifdef EVENT_DRAFT_FIXED
  Result<SavedDraft> save(const NewEventDraft&, Deadline);
  Result<std::optional<EventDraft>> find(const DraftId&, Deadline);
#endif
};

static_assert(check_port<Repository, Port::repository>());
