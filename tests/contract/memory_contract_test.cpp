#include <adapters/memory/memory_draft_cache.hpp>
#include <adapters/memory/memory_draft_repository.hpp>
#include <adapters/memory/recording_publisher.hpp>
#include <event_draft/testing/contracts.hpp>
#include <event_draft/testing/fakes.hpp>

#include "harness_clocks.hpp"

namespace {

using namespace event_draft;
using testing::RealTime;
using testing::VirtualTime;

/// A harness around a port that takes its clock.
template <class Port>
struct OnVirtualTime : VirtualTime {
  Port& port() { return port_; }
  Port port_{clock};
};

template <class Port>
struct OnRealTime : RealTime {
  Port& port() { return port_; }
  Port port_{};
};

using FakeRepository = OnVirtualTime<testing::FakeDraftRepository<testing::VirtualClock>>;
using FakeCache = OnVirtualTime<testing::FakeDraftCache<testing::VirtualClock>>;
struct FakePublisher : OnVirtualTime<testing::FakeEventPublisher<testing::VirtualClock>> {
  auto published() { return port().messages(); }
};

using MemoryRepository = OnRealTime<memory::MemoryDraftRepository>;
using MemoryCache = OnRealTime<memory::MemoryDraftCache<>>;
struct MemoryPublisher : OnRealTime<memory::RecordingPublisher> {
  auto published() { return port().messages(); }
};

EVENT_DRAFT_REPOSITORY_CONTRACT(FakeRepository);
EVENT_DRAFT_APPROVAL_CONTRACT(FakeRepository);
EVENT_DRAFT_OUTBOX_CONTRACT(FakeRepository);
EVENT_DRAFT_CACHE_CONTRACT(FakeCache);
EVENT_DRAFT_PUBLISHER_CONTRACT(FakePublisher);

EVENT_DRAFT_REPOSITORY_CONTRACT(MemoryRepository);
EVENT_DRAFT_APPROVAL_CONTRACT(MemoryRepository);
EVENT_DRAFT_OUTBOX_CONTRACT(MemoryRepository);
EVENT_DRAFT_CACHE_CONTRACT(MemoryCache);
EVENT_DRAFT_PUBLISHER_CONTRACT(MemoryPublisher);

}  // namespace
