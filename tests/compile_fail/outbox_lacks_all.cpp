// An outbox with none of the functions is told all three, in one go.
// expect: EventOutbox needs: void settle_later\(const Settlement&\) noexcept
// expect: EventOutbox needs: Result<std::vector<LeasedEvent>> claim\(std::size_t limit, std::chrono::milliseconds time, Deadline\)
// expect: EventOutbox needs: Result<void> settle\(std::span<const Settlement>, Deadline\)
#include <event_draft/check_port.hpp>

using namespace event_draft;

struct Outbox {
#ifdef EVENT_DRAFT_FIXED
  void settle_later(const Settlement&) noexcept;
  Result<std::vector<LeasedEvent>> claim(std::size_t limit, std::chrono::milliseconds time, Deadline);
  Result<void> settle(std::span<const Settlement>, Deadline);
#endif
};

static_assert(check_port<Outbox, Port::outbox>());
