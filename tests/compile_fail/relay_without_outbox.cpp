// Whoever only makes a relay, and never heard of check_port, reads the lines as well.
// expect: EventOutbox needs: Result<std::vector<LeasedEvent>> claim\(std::size_t limit, std::chrono::milliseconds time, Deadline\)
// expect: EventPublisher needs: Result<void> publish\(const EventMessage&, Deadline\)
#include <event_draft/outbox_relay.hpp>

using namespace event_draft;

struct Outbox {
#ifdef EVENT_DRAFT_FIXED
  void settle_later(const Settlement&) noexcept {}
  Result<std::vector<LeasedEvent>> claim(std::size_t, std::chrono::milliseconds, Deadline) {
    return Errc::internal_error;
  }
  Result<void> settle(std::span<const Settlement>, Deadline) { return success(); }
#endif
};

struct Publisher {
#ifdef EVENT_DRAFT_FIXED
  Result<void> publish(const EventMessage&, Deadline) { return success(); }
#endif
};

int main() {
  Outbox outbox;
  Publisher publisher;
  OutboxRelay relay{outbox, publisher};
  return relay.run_once().error ? 1 : 0;
}
