// A draft id comes from parse or numbered, never from unchecked text.
// expect-gcc: no matching function for call to .*DraftId::DraftId\(
// expect-clang: no matching conversion for (functional-style cast|initialization).*DraftId|no matching constructor for initialization of .*DraftId
#include <event_draft/draft_id.hpp>

using event_draft::DraftId;

#ifdef EVENT_DRAFT_FIXED
const auto id = DraftId::parse("draft-1").value();
#else
const auto id = DraftId{"draft-1"};
#endif
