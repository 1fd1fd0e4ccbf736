// expect: EventOutbox needs: Result<void> settle\(std::span<const Settlement>, Deadline\)
#include <event_draft/check_port.hpp>

using namespace event_draft;

struct Outbox {
  void settle_later(const Settlement&) noexcept;
  Result<std::vector<LeasedEvent>> claim(std::size_t limit, std::chrono::milliseconds time, Deadline);
#ifdef EVENT_DRAFT_FIXED
  Result<void> settle(std::span<const Settlement>, Deadline);
#else
  Result<void> settle(const Settlement&, Deadline);
#endif
};

static_assert(check_port<Outbox, Port::outbox>());
