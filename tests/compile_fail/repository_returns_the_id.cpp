// A save that returns another type is told the right one.
// expect: DraftRepository needs: Result<SavedDraft> save\(const NewEventDraft&, Deadline\)
#include <event_draft/check_port.hpp>

using namespace event_draft;

#ifdef EVENT_DRAFT_FIXED
using Saved = Result<SavedDraft>;
#else
using Saved = Result<DraftId>;
#endif

struct Repository {
  Saved save(const NewEventDraft&, Deadline);
  Result<std::optional<EventDraft>> find(const DraftId&, Deadline);
};

static_assert(check_port<Repository, Port::repository>());
