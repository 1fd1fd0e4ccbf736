#include <atomic>
#include <chrono>
#include <event_draft/decorators/circuit_breaking.hpp>
#include <event_draft/decorators/retrying.hpp>
#include <event_draft/decorators/timed.hpp>
#include <event_draft/testing/contracts.hpp>
#include <event_draft/testing/fakes.hpp>
#include <event_draft/testing/mocks.hpp>  // a host may have both in one source
#include <type_traits>

#include "harness_clocks.hpp"

// What stands before a port keeps the port's whole contract.
namespace {

using namespace event_draft;
using testing::VirtualClock;
using testing::VirtualTime;

using Repository = testing::FakeDraftRepository<VirtualClock>;
using Cache = testing::FakeDraftCache<VirtualClock>;
using Publisher = testing::FakeEventPublisher<VirtualClock>;

struct Count {
  std::atomic<int> calls = 0;
  void on_call(const TimedCall&) noexcept { ++calls; }
};

struct NoWait {
  void operator()(std::chrono::nanoseconds) const noexcept {}
};

/// Fails every other call, without effect: only over repetition the contract holds.
template <class Port>
class Flaky : public PortDecorator<Flaky<Port>, Port> {
 public:
  Flaky(Port& port, VirtualClock& clock) noexcept : PortDecorator<Flaky, Port>{port}, clock_{clock} {}

  template <class Call>
  std::invoke_result_t<Call> around(PortFunction function, Deadline deadline, Call call) {
    if (!deadline.expired(clock_.steady_now()) && calls_++ % 2 == 0) return Error{unavailable(function)};
    return call();
  }

 private:
  VirtualClock& clock_;
  std::atomic<unsigned> calls_ = 0;
};

template <class Port>
struct Retried : VirtualTime {
  Port fake{clock};
  Flaky<Port> flaky{fake, clock};
  Retrying<Flaky<Port>, VirtualClock, NoWait> retrying{flaky, {.tries = 1000}, clock};

  auto& port() { return retrying; }
};

template <class Port>
struct Guarded : VirtualTime {
  Port fake{clock};
  CircuitBreaking<Port, VirtualClock> breaking{fake, {}, clock};

  auto& port() { return breaking; }
};

template <class Port>
struct Watched : VirtualTime {
  Port fake{clock};
  Count count;
  Timed<Port, Count, VirtualClock> timed{fake, count, clock};

  auto& port() { return timed; }
};

template <class Port>
struct Stacked : Retried<Port> {
  using Breaking = CircuitBreaking<decltype(Retried<Port>::retrying), VirtualClock>;
  Count count;
  Breaking breaking{this->retrying, {}, this->clock};
  Timed<Breaking, Count, VirtualClock> timed{breaking, count, this->clock};

  auto& port() { return timed; }
};

using RetryingCache = Retried<Cache>;
using CircuitBreakingCache = Guarded<Cache>;
using TimedCache = Watched<Cache>;
EVENT_DRAFT_CACHE_CONTRACT(RetryingCache);
EVENT_DRAFT_CACHE_CONTRACT(CircuitBreakingCache);
EVENT_DRAFT_CACHE_CONTRACT(TimedCache);

using StackedRepository = Stacked<Repository>;
using StackedCache = Stacked<Cache>;
struct StackedPublisher : Stacked<Publisher> {
  auto published() { return fake.messages(); }
};
EVENT_DRAFT_REPOSITORY_CONTRACT(StackedRepository);
EVENT_DRAFT_CACHE_CONTRACT(StackedCache);
EVENT_DRAFT_PUBLISHER_CONTRACT(StackedPublisher);

}  // namespace
