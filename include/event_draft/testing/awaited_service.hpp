#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

#include <event_draft/async_service.hpp>
#include <event_draft/testing/async_port.hpp>

namespace event_draft::testing {

/// An `AsyncEventDraftService` over blocking ports that is called as an `EventDraftService` is: each operation has an event
/// loop to itself, and runs to its end, in the specification's order or with its last steps at the same time. So what holds for the
/// one driver can be held against the other.
template <PublishOrder order, class Repo, class Cache, class Publisher, class ClockPort = const SystemClock,
          class ObserverPort = const NoObserver>
class AwaitedService {
 public:
  AwaitedService(AcceptEventLoss, Repo& repository, Cache& cache, Publisher& publisher, Options options = {},
                 ClockPort& clock = system_clock, ObserverPort& observer = no_observer) noexcept
      : repository_{repository},
        cache_{cache},
        publisher_{publisher},
        options_{std::move(options)},
        clock_{clock},
        observer_{observer} {
    options_.publish_order = order;
  }

  [[nodiscard]] Result<Receipt> create_event_draft(const CreateEventDraft& command) noexcept {
    return run([&](auto& service) { return service.create_event_draft(command); });
  }
  [[nodiscard]] Result<FoundDraft> find_event_draft(const DraftId& id, std::int64_t user_id) noexcept {
    return run([&](auto& service) { return service.find_event_draft(id, user_id); });
  }
  [[nodiscard]] Result<ApprovalReceipt> approve_event_draft(const DraftId& id, std::int64_t user_id,
                                                            std::string_view traceparent = {}) noexcept {
    return run([&](auto& service) { return service.approve_event_draft(id, user_id, traceparent); });
  }

 private:
  template <class Port>
  using OverlappingPort = std::conditional_t<order == PublishOrder::with_cache, EagerPort<Port>, AsyncPort<Port>>;

  template <class Operation>
  auto run(Operation operation) {
    ManualLoop loop;
    AsyncPort<Repo> repository{repository_, loop};
    OverlappingPort<Cache> cache{cache_, loop};
    OverlappingPort<Publisher> publisher{publisher_, loop};
    AsyncEventDraftService service{accept_event_loss, repository, cache, publisher, options_, clock_, observer_};
    auto task = operation(service);
    task.start();
    loop.run();
    return task.get();
  }

  Repo& repository_;
  Cache& cache_;
  Publisher& publisher_;
  Options options_;
  ClockPort& clock_;
  ObserverPort& observer_;
};

}  // namespace event_draft::testing
