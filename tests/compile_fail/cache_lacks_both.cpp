// A cache with neither function is told both, in one go.
// expect: DraftCache needs: Result<std::optional<std::string>> get\(std::string_view key, Deadline\)
// expect: DraftCache needs: Result<void> set\(std::span<const CacheWrite>, Deadline\)
#include <event_draft/check_port.hpp>

using namespace event_draft;

struct Cache {
#ifdef EVENT_DRAFT_FIXED
  Result<std::optional<std::string>> get(std::string_view key, Deadline);
  Result<void> set(std::span<const CacheWrite>, Deadline);
#endif
};

static_assert(check_port<Cache, Port::cache>());
