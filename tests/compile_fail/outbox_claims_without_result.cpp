// expect: EventOutbox needs: Result<std::vector<LeasedEvent>> claim\(std::size_t limit, std::chrono::milliseconds time, Deadline\)
#include <event_draft/check_port.hpp>

using namespace event_draft;

struct Outbox {
  void settle_later(const Settlement&) noexcept;
#ifdef EVENT_DRAFT_FIXED
  Result<std::vector<LeasedEvent>> claim(std::size_t limit, std::chrono::milliseconds time, Deadline);
#else
  std::vector<LeasedEvent> claim(std::size_t limit, std::chrono::milliseconds time, Deadline);
#endif
  Result<void> settle(std::span<const Settlement>, Deadline);
};

static_assert(check_port<Outbox, Port::outbox>());
