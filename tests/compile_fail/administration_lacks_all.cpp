// expect: OutboxAdministration needs: Result<std::vector<ParkedEvent>> parked\(const std::optional<EventId>& after, std::size_t limit, Deadline\)
// expect: OutboxAdministration needs: Result<bool> replay\(const EventId&, Deadline\)
// expect: OutboxAdministration needs: Result<bool> discard\(const EventId&, Deadline\)
#include <event_draft/check_port.hpp>

using namespace event_draft;

struct Outbox {
#ifdef EVENT_DRAFT_FIXED
  Result<std::vector<ParkedEvent>> parked(const std::optional<EventId>& after, std::size_t limit, Deadline);
  Result<bool> replay(const EventId&, Deadline);
  Result<bool> discard(const EventId&, Deadline);
#endif
};

static_assert(check_port<Outbox, Port::administration>());
