#pragma once

#include <cstdint>

#include <event_draft/testing/samples.hpp>
#ifdef EVENT_DRAFT_TESTING_AWAITS
#include <event_draft/testing/awaited_service.hpp>
#else
#include <event_draft/service.hpp>
#endif

// One operation of a service over a bundle of ports: `MockPorts`, `FakePorts`, or any struct with the same members. In a
// program that is built with EVENT_DRAFT_TESTING_AWAITS, of the service that awaits them, in that order: `after_cache` or
// `with_cache`. The same tests hold for both drivers.
namespace event_draft::testing {

template <class Repo, class Cache, class Publisher, class ClockPort, class ObserverPort>
#ifdef EVENT_DRAFT_TESTING_AWAITS
using ServiceOver =
    AwaitedService<PublishOrder::EVENT_DRAFT_TESTING_AWAITS, Repo, Cache, Publisher, ClockPort, ObserverPort>;
#else
using ServiceOver = EventDraftService<Repo, Cache, Publisher, ClockPort, ObserverPort>;
#endif

template <class Repo, class Cache, class Publisher, class ClockPort, class ObserverPort>
[[nodiscard]] auto service_over(Repo& repository, Cache& cache, Publisher& publisher, const Options& options,
                                ClockPort& clock, ObserverPort& observer) noexcept {
  return ServiceOver<Repo, Cache, Publisher, ClockPort, ObserverPort>{accept_event_loss, repository, cache,   publisher,
                                                                      options,           clock,      observer};
}

template <class Ports>
[[nodiscard]] auto service_over(Ports& ports, const Options& options = {}) noexcept {
  return service_over(ports.repository, ports.cache, ports.publisher, options, ports.clock, ports.observer);
}

template <class Ports>
[[nodiscard]] Result<Receipt> create(Ports& ports, const CreateEventDraft& command = sample_command(),
                                     const Options& options = {}) noexcept {
  return service_over(ports, options).create_event_draft(command);
}

template <class Ports>
[[nodiscard]] Result<FoundDraft> find(Ports& ports, const DraftId& id = DraftId::numbered(1),
                                      std::int64_t user_id = sample_user) noexcept {
  return service_over(ports).find_event_draft(id, user_id);
}

template <class Ports>
[[nodiscard]] Result<ApprovalReceipt> approve(Ports& ports, const DraftId& id = DraftId::numbered(1),
                                              std::int64_t user_id = sample_user,
                                              const Options& options = {}) noexcept {
  return service_over(ports, options).approve_event_draft(id, user_id);
}

}  // namespace event_draft::testing
