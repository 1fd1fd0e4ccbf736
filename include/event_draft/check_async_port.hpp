#pragma once

#include <event_draft/async_ports.hpp>
#include <event_draft/check_port.hpp>

namespace event_draft {

/// `check_port` for ports that are awaited: one line of the compiler's output for each missing or differing function.
/// The clock and the observer are the same for every driver. `static_assert(check_async_port<MyCache, Port::cache>());`
template <class T, Port port>
consteval bool check_async_port() {
  if constexpr (port == Port::repository) {
    static_assert(
        requires(T& t, const NewEventDraft& draft, const Deadline& deadline) {
          { t.save(draft, deadline) } -> AwaitableOf<Result<SavedDraft>>;
        }, "AsyncDraftRepository needs: awaitable<Result<SavedDraft>> save(const NewEventDraft&, Deadline)");
    static_assert(
        requires(T& t, const DraftId& id, const Deadline& deadline) {
          { t.find(id, deadline) } -> AwaitableOf<Result<std::optional<EventDraft>>>;
        }, "AsyncDraftRepository needs: awaitable<Result<std::optional<EventDraft>>> find(const DraftId&, Deadline)");
  } else if constexpr (port == Port::approval) {
    static_assert(
        requires(T& t, const DraftApproval& approval, const Deadline& deadline) {
          { t.approve(approval, deadline) } -> AwaitableOf<Result<std::optional<ApprovedDraft>>>;
        },
        "AsyncApprovingRepository needs: awaitable<Result<std::optional<ApprovedDraft>>> approve(const DraftApproval&, "
        "Deadline)");
  } else if constexpr (port == Port::outbox) {
    static_assert(
        requires(T& t, const Settlement& settlement) {
          { t.settle_later(settlement) } noexcept -> std::same_as<void>;
        }, "AsyncOutboxRepository needs: void settle_later(const Settlement&) noexcept");
  } else if constexpr (port == Port::cache) {
    static_assert(
        requires(T& t, std::string_view key, const Deadline& deadline) {
          { t.get(key, deadline) } -> AwaitableOf<Result<std::optional<std::string>>>;
        }, "AsyncDraftCache needs: awaitable<Result<std::optional<std::string>>> get(std::string_view key, Deadline)");
    static_assert(
        requires(T& t, std::span<const CacheWrite> writes, const Deadline& deadline) {
          { t.set(writes, deadline) } -> AwaitableOf<Result<void>>;
        }, "AsyncDraftCache needs: awaitable<Result<void>> set(std::span<const CacheWrite>, Deadline)");
  } else {
    static_assert(port == Port::publisher, "of this port there is no awaited kind: use check_port");
    static_assert(
        requires(T& t, const EventMessage& message, const Deadline& deadline) {
          { t.publish(message, deadline) } -> AwaitableOf<Result<void>>;
        }, "AsyncEventPublisher needs: awaitable<Result<void>> publish(const EventMessage&, Deadline)");
  }
  return true;
}

}  // namespace event_draft
