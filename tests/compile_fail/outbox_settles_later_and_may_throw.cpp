// expect: EventOutbox needs: void settle_later\(const Settlement&\) noexcept
#include <event_draft/check_port.hpp>

using namespace event_draft;

struct Outbox {
#ifdef EVENT_DRAFT_FIXED
  void settle_later(const Settlement&) noexcept;
#else
  void settle_later(const Settlement&);
#endif
  Result<std::vector<LeasedEvent>> claim(std::size_t limit, std::chrono::milliseconds time, Deadline);
  Result<void> settle(std::span<const Settlement>, Deadline);
};

static_assert(check_port<Outbox, Port::outbox>());
