// A trace parent comes from parse: malformed ones are left out, not passed on.
// expect-gcc: TraceParent::TraceParent\(.*is private within this context
// expect-clang: calling a private constructor of class .*TraceParent
#include <event_draft/trace_parent.hpp>

using event_draft::TraceParent;

#ifdef EVENT_DRAFT_FIXED
const auto trace = TraceParent::parse("");
#else
const auto trace = TraceParent{""};
#endif
