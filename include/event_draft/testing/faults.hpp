#pragma once

#include <event_draft/check_port.hpp>
#include <event_draft/decorators/port_decorator.hpp>
#include <event_draft/testing/fakes.hpp>
#include <event_draft/testing/fault_plan.hpp>
#include <event_draft/testing/recording_observer.hpp>

namespace event_draft::testing {

/// A port that goes wrong by plan. It stands before one of any kind, real or fake, and satisfies what that one satisfies.
template <class Port, Clock ClockPort = const SystemClock>
class Faulty : public PortDecorator<Faulty<Port, ClockPort>, Port> {
 public:
  Faulty(Port& port, FaultPlan<ClockPort>& plan) noexcept : PortDecorator<Faulty, Port>{port}, plan_{plan} {}

  template <class Effect>
  auto around(PortFunction function, Deadline deadline, Effect effect) {
    return plan_.run(function, deadline, effect);
  }

 private:
  FaultPlan<ClockPort>& plan_;
};

/// A repository without its outbox, as a host may have one: it stores drafts and nothing of their events.
template <class Repo>
class WithoutOutbox {
 public:
  explicit WithoutOutbox(Repo& repository) noexcept : repository_{repository} {}

  Result<SavedDraft> save(const NewEventDraft& draft, Deadline deadline) {
    auto saved = repository_.save(draft, deadline);
    if (saved) saved.assume_value().lease.reset();
    return saved;
  }
  Result<std::optional<EventDraft>> find(const DraftId& id, Deadline deadline) {
    return repository_.find(id, deadline);
  }
  Result<std::optional<ApprovedDraft>> approve(const DraftApproval& approval, Deadline deadline) {
    auto approved = repository_.approve(approval, deadline);
    if (approved && approved.assume_value()) approved.assume_value()->lease.reset();
    return approved;
  }

 private:
  Repo& repository_;
};

/// All that a service needs: fakes on one virtual clock, behind ports that go wrong as `faults` says.
struct FakePorts {
  VirtualClock clock;
  FaultPlan<VirtualClock> faults{clock};
  FakeDraftRepository<VirtualClock> fake_repository{clock};
  FakeDraftCache<VirtualClock> fake_cache{clock};
  FakeEventPublisher<VirtualClock> fake_publisher{clock};
  Faulty<FakeDraftRepository<VirtualClock>, VirtualClock> repository{fake_repository, faults};
  Faulty<FakeDraftCache<VirtualClock>, VirtualClock> cache{fake_cache, faults};
  Faulty<FakeEventPublisher<VirtualClock>, VirtualClock> publisher{fake_publisher, faults};
  RecordingObserver observer;
};

/// The same over a repository that has no outbox.
struct FakePortsWithoutOutbox : FakePorts {
  WithoutOutbox<decltype(FakePorts::repository)> repository{FakePorts::repository};
};

static_assert(EventOutbox<decltype(FakePorts::repository)> && ApprovingRepository<decltype(FakePorts::repository)>);
static_assert(DraftRepository<decltype(FakePortsWithoutOutbox::repository)> &&
              !EventOutbox<decltype(FakePortsWithoutOutbox::repository)>);
static_assert(DraftCache<decltype(FakePorts::cache)> && EventPublisher<decltype(FakePorts::publisher)>);

}  // namespace event_draft::testing
