// A set that does not say whether it worked is told how.
// expect: DraftCache needs: Result<void> set\(std::span<const CacheWrite>, Deadline\)
#include <event_draft/check_port.hpp>

using namespace event_draft;

#ifdef EVENT_DRAFT_FIXED
using Written = Result<void>;
#else
using Written = void;
#endif

struct Cache {
  Result<std::optional<std::string>> get(std::string_view key, Deadline);
  Written set(std::span<const CacheWrite>, Deadline);
};

static_assert(check_port<Cache, Port::cache>());
