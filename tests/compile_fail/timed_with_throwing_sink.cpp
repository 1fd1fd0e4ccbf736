// expect: (TimingSink|constraints not satisfied|constraint failure)
// expect: on_call
#include <event_draft/decorators/timed.hpp>

using namespace event_draft;

struct Publisher {
  Result<void> publish(const EventMessage&, Deadline) { return success(); }
};

struct Sink {
#ifdef EVENT_DRAFT_FIXED
  void on_call(const TimedCall&) noexcept {}
#else
  void on_call(const TimedCall&) {}
#endif
};

void watch(Publisher& publisher, Sink& sink) { Timed<Publisher, Sink> timed{publisher, sink}; }
