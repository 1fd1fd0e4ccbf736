// expect: OutboxUpkeep needs: Result<std::size_t> remove_published\(std::chrono::milliseconds age, std::size_t limit, Deadline\)
// expect: OutboxUpkeep needs: Result<OutboxStats> stats\(Deadline\)
#include <event_draft/check_port.hpp>

using namespace event_draft;

struct Outbox {
#ifdef EVENT_DRAFT_FIXED
  Result<std::size_t> remove_published(std::chrono::milliseconds age, std::size_t limit, Deadline);
  Result<OutboxStats> stats(Deadline);
#endif
};

static_assert(check_port<Outbox, Port::upkeep>());
