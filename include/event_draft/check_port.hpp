#pragma once

#include <cstdint>

#include <event_draft/clock.hpp>
#include <event_draft/observer.hpp>
#include <event_draft/outbox.hpp>
#include <event_draft/ports.hpp>

namespace event_draft {

enum class Port : std::uint8_t {
  repository,
  approval,
  outbox,
  upkeep,
  administration,
  cache,
  publisher,
  clock,
  observer
};

/// Tells a binding all that it lacks: one line of the compiler's output for each missing or differing function, with the
/// signature that is expected. `static_assert(check_port<MyCache, Port::cache>());`
template <class T, Port port>
consteval bool check_port() {
  if constexpr (port == Port::repository) {
    static_assert(
        requires(T& t, const NewEventDraft& draft, const Deadline& deadline) {
          { t.save(draft, deadline) } -> std::same_as<Result<SavedDraft>>;
        }, "DraftRepository needs: Result<SavedDraft> save(const NewEventDraft&, Deadline)");
    static_assert(
        requires(T& t, const DraftId& id, const Deadline& deadline) {
          { t.find(id, deadline) } -> std::same_as<Result<std::optional<EventDraft>>>;
        }, "DraftRepository needs: Result<std::optional<EventDraft>> find(const DraftId&, Deadline)");
  } else if constexpr (port == Port::approval) {
    static_assert(
        requires(T& t, const DraftApproval& approval, const Deadline& deadline) {
          { t.approve(approval, deadline) } -> std::same_as<Result<std::optional<ApprovedDraft>>>;
        }, "ApprovingRepository needs: Result<std::optional<ApprovedDraft>> approve(const DraftApproval&, Deadline)");
  } else if constexpr (port == Port::outbox) {
    static_assert(
        requires(T& t, const Settlement& settlement) {
          { t.settle_later(settlement) } noexcept -> std::same_as<void>;
        }, "EventOutbox needs: void settle_later(const Settlement&) noexcept");
    static_assert(
        requires(T& t, std::size_t limit, std::chrono::milliseconds time, const Deadline& deadline) {
          { t.claim(limit, time, deadline) } -> std::same_as<Result<std::vector<LeasedEvent>>>;
        },
        "EventOutbox needs: Result<std::vector<LeasedEvent>> claim(std::size_t limit, std::chrono::milliseconds time, "
        "Deadline)");
    static_assert(
        requires(T& t, std::span<const Settlement> settlements, const Deadline& deadline) {
          { t.settle(settlements, deadline) } -> std::same_as<Result<void>>;
        }, "EventOutbox needs: Result<void> settle(std::span<const Settlement>, Deadline)");
  } else if constexpr (port == Port::upkeep) {
    static_assert(
        requires(T& t, std::chrono::milliseconds age, std::size_t limit, const Deadline& deadline) {
          { t.remove_published(age, limit, deadline) } -> std::same_as<Result<std::size_t>>;
        },
        "OutboxUpkeep needs: Result<std::size_t> remove_published(std::chrono::milliseconds age, std::size_t limit, "
        "Deadline)");
    static_assert(
        requires(T& t, const Deadline& deadline) {
          { t.stats(deadline) } -> std::same_as<Result<OutboxStats>>;
        }, "OutboxUpkeep needs: Result<OutboxStats> stats(Deadline)");
  } else if constexpr (port == Port::administration) {
    static_assert(
        requires(T& t, const std::optional<EventId>& after, std::size_t limit, const Deadline& deadline) {
          { t.parked(after, limit, deadline) } -> std::same_as<Result<std::vector<ParkedEvent>>>;
        },
        "OutboxAdministration needs: Result<std::vector<ParkedEvent>> parked(const std::optional<EventId>& after, "
        "std::size_t limit, Deadline)");
    static_assert(
        requires(T& t, const EventId& id, const Deadline& deadline) {
          { t.replay(id, deadline) } -> std::same_as<Result<bool>>;
        }, "OutboxAdministration needs: Result<bool> replay(const EventId&, Deadline)");
    static_assert(
        requires(T& t, const EventId& id, const Deadline& deadline) {
          { t.discard(id, deadline) } -> std::same_as<Result<bool>>;
        }, "OutboxAdministration needs: Result<bool> discard(const EventId&, Deadline)");
  } else if constexpr (port == Port::cache) {
    static_assert(
        requires(T& t, std::string_view key, const Deadline& deadline) {
          { t.get(key, deadline) } -> std::same_as<Result<std::optional<std::string>>>;
        }, "DraftCache needs: Result<std::optional<std::string>> get(std::string_view key, Deadline)");
    static_assert(
        requires(T& t, std::span<const CacheWrite> writes, const Deadline& deadline) {
          { t.set(writes, deadline) } -> std::same_as<Result<void>>;
        }, "DraftCache needs: Result<void> set(std::span<const CacheWrite>, Deadline)");
  } else if constexpr (port == Port::publisher) {
    static_assert(
        requires(T& t, const EventMessage& message, const Deadline& deadline) {
          { t.publish(message, deadline) } -> std::same_as<Result<void>>;
        }, "EventPublisher needs: Result<void> publish(const EventMessage&, Deadline)");
  } else if constexpr (port == Port::clock) {
    static_assert(
        requires(T& t) {
          { t.now() } noexcept -> std::same_as<Timestamp>;
        }, "Clock needs: Timestamp now() noexcept");
    static_assert(
        requires(T& t) {
          { t.steady_now() } noexcept -> std::same_as<SteadyTime>;
        }, "Clock needs: SteadyTime steady_now() noexcept");
  } else {
    static_assert(
        requires(T& t, const StepReport& report) {
          { t.on_step(report) } noexcept -> std::same_as<void>;
        }, "Observer needs: void on_step(const StepReport&) noexcept");
    static_assert(
        requires(T& t, Step step, std::string_view what) {
          { t.on_exception(step, what) } noexcept -> std::same_as<void>;
        }, "Observer needs: void on_exception(Step, std::string_view what) noexcept");
  }
  return true;
}

}  // namespace event_draft
