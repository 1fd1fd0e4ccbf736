// A clock that may throw, and in another unit, is told both.
// expect: Clock needs: Timestamp now\(\) noexcept
// expect: Clock needs: SteadyTime steady_now\(\) noexcept
#include <event_draft/check_port.hpp>

using namespace event_draft;

struct HostClock {
#ifdef EVENT_DRAFT_FIXED
  static Timestamp now() noexcept;
  static SteadyTime steady_now() noexcept;
#else
  static std::chrono::system_clock::time_point now() noexcept;
  static SteadyTime steady_now();
#endif
};

static_assert(check_port<const HostClock, Port::clock>());
