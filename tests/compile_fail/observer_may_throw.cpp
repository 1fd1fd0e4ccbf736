// An observer that may throw is told, for each function.
// expect: Observer needs: void on_step\(const StepReport&\) noexcept
// expect: Observer needs: void on_exception\(Step, std::string_view what\) noexcept
#include <event_draft/check_port.hpp>

#ifdef EVENT_DRAFT_FIXED
#define MAY_THROW noexcept
#else
#define MAY_THROW
#endif

using namespace event_draft;

struct Log {
  void on_step(const StepReport&) MAY_THROW;
  void on_exception(Step, std::string_view) MAY_THROW;
};

static_assert(check_port<Log, Port::observer>());
