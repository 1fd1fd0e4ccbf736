#pragma once

// The thread sanitizer's runtime has an operator new of its own, which no program can replace. Tests that need theirs are
// skipped there: `TEST_CASE("…" * doctest::skip(!replaceable_new))`.
#if defined(__SANITIZE_THREAD__)
#define EVENT_DRAFT_REPLACEABLE_NEW 0
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define EVENT_DRAFT_REPLACEABLE_NEW 0
#endif
#endif
#ifndef EVENT_DRAFT_REPLACEABLE_NEW
#define EVENT_DRAFT_REPLACEABLE_NEW 1
#endif

namespace event_draft::test {

inline constexpr bool replaceable_new = EVENT_DRAFT_REPLACEABLE_NEW != 0;

}  // namespace event_draft::test
