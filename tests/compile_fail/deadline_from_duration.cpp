// A deadline is a moment: a span of time does not turn into one unnoticed.
// expect-gcc: (could not|cannot) convert .* to .*Deadline|conversion from .* to non-scalar type .*Deadline.* requested
// expect-clang: no viable conversion from .* to .*Deadline
#include <event_draft/deadline.hpp>

using namespace event_draft;
using namespace std::chrono_literals;

#ifdef EVENT_DRAFT_FIXED
const Deadline deadline = Deadline::after(50ms);
#else
const Deadline deadline = 50ms;
#endif
