#pragma once

#include <cstdint>

#include <event_draft/service.hpp>
#include <event_draft/testing/samples.hpp>

// One operation of a service over a bundle of ports: `MockPorts`, `FakePorts`, or any struct with the same members.
namespace event_draft::testing {

template <class Ports>
[[nodiscard]] auto service_over(Ports& ports, const Options& options = {}) noexcept {
  return EventDraftService{accept_event_loss, ports.repository, ports.cache,   ports.publisher,
                           options,           ports.clock,      ports.observer};
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
