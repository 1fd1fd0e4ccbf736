// The two kinds of id don't stand in for each other.
// expect-gcc: (could not|cannot) convert .*UserId.* to .*DraftId|no suitable|conversion from .*UserId.* to non-scalar type .*DraftId.* requested
// expect-clang: no viable conversion from .*UserId.* to .*DraftId
#include <event_draft/draft_id.hpp>
#include <event_draft/user_id.hpp>

using namespace event_draft;

const UserId user = UserId::make(123).value();
#ifdef EVENT_DRAFT_FIXED
const DraftId id = DraftId::numbered(123);
#else
const DraftId id = user;
#endif
