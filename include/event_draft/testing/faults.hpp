#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <event_draft/check_port.hpp>
#include <event_draft/testing/fakes.hpp>
#include <event_draft/testing/fault_plan.hpp>
#include <event_draft/testing/recording_observer.hpp>

// Ports that go wrong by plan. Each stands before a port of its kind, real or fake, and satisfies the same concept.
namespace event_draft::testing {

template <DraftRepository Repo, Clock ClockPort = const SystemClock>
class FaultyRepository {
 public:
  FaultyRepository(Repo& repository, FaultPlan<ClockPort>& plan) noexcept : repository_{repository}, plan_{plan} {}

  Result<SavedDraft> save(const NewEventDraft& draft, Deadline deadline) {
    return plan_.run(Call::save, deadline, [&] { return repository_.save(draft, deadline); });
  }
  Result<std::optional<EventDraft>> find(const DraftId& id, Deadline deadline) {
    return plan_.run(Call::find, deadline, [&] { return repository_.find(id, deadline); });
  }

 private:
  Repo& repository_;
  FaultPlan<ClockPort>& plan_;
};

template <DraftCache Cache, Clock ClockPort = const SystemClock>
class FaultyCache {
 public:
  FaultyCache(Cache& cache, FaultPlan<ClockPort>& plan) noexcept : cache_{cache}, plan_{plan} {}

  Result<std::optional<std::string>> get(std::string_view key, Deadline deadline) {
    return plan_.run(Call::get, deadline, [&] { return cache_.get(key, deadline); });
  }
  Result<void> set(std::span<const CacheWrite> writes, Deadline deadline) {
    return plan_.run(Call::set, deadline, [&] { return cache_.set(writes, deadline); });
  }

 private:
  Cache& cache_;
  FaultPlan<ClockPort>& plan_;
};

template <EventPublisher Publisher, Clock ClockPort = const SystemClock>
class FaultyPublisher {
 public:
  FaultyPublisher(Publisher& publisher, FaultPlan<ClockPort>& plan) noexcept : publisher_{publisher}, plan_{plan} {}

  Result<void> publish(const EventMessage& message, Deadline deadline) {
    return plan_.run(Call::publish, deadline, [&] { return publisher_.publish(message, deadline); });
  }

 private:
  Publisher& publisher_;
  FaultPlan<ClockPort>& plan_;
};

/// All that a service needs: fakes on one virtual clock, behind ports that go wrong as `faults` says.
struct FakePorts {
  VirtualClock clock;
  FaultPlan<VirtualClock> faults{clock};
  FakeDraftRepository<VirtualClock> fake_repository{clock};
  FakeDraftCache<VirtualClock> fake_cache{clock};
  FakeEventPublisher<VirtualClock> fake_publisher{clock};
  FaultyRepository<FakeDraftRepository<VirtualClock>, VirtualClock> repository{fake_repository, faults};
  FaultyCache<FakeDraftCache<VirtualClock>, VirtualClock> cache{fake_cache, faults};
  FaultyPublisher<FakeEventPublisher<VirtualClock>, VirtualClock> publisher{fake_publisher, faults};
  RecordingObserver observer;
};

static_assert(DraftRepository<decltype(FakePorts::repository)> && DraftCache<decltype(FakePorts::cache)>);
static_assert(EventPublisher<decltype(FakePorts::publisher)>);

}  // namespace event_draft::testing
