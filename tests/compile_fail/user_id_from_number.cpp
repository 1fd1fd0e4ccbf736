// A user id comes from make, never from an unchecked number.
// expect-gcc: UserId::UserId\(.*is private within this context
// expect-clang: calling a private constructor of class .*UserId
#include <event_draft/user_id.hpp>

using event_draft::UserId;

#ifdef EVENT_DRAFT_FIXED
const auto user = UserId::make(123).value();
#else
const auto user = UserId{123};
#endif
