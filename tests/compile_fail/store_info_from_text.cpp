// Store information comes from make, which judges it.
// expect-gcc: StoreInfo::StoreInfo\(.*is private within this context
// expect-clang: calling a private constructor of class .*StoreInfo
#include <event_draft/store_info.hpp>

using event_draft::StoreInfo;

#ifdef EVENT_DRAFT_FIXED
const StoreInfo store = StoreInfo::make("a", "b", "c").value();
#else
const StoreInfo store{"a", "b", "c"};
#endif
