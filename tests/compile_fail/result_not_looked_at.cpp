// A result that nobody looks at is a mistake.
// expect: ignoring return value
#pragma GCC diagnostic error "-Wunused-result"
#include <event_draft/user_id.hpp>

void look() {
#ifdef EVENT_DRAFT_FIXED
  static_cast<void>(event_draft::UserId::make(1));
#else
  event_draft::UserId::make(1);
#endif
}
