// A publisher that takes no deadline is told so.
// expect: EventPublisher needs: Result<void> publish\(const EventMessage&, Deadline\)
#include <event_draft/check_port.hpp>

using namespace event_draft;

struct Publisher {
#ifdef EVENT_DRAFT_FIXED
  Result<void> publish(const EventMessage&, Deadline);
#else
  Result<void> publish(const EventMessage&);
#endif
};

static_assert(check_port<Publisher, Port::publisher>());
