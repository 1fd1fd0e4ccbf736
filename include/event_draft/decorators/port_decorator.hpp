#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <event_draft/outbox.hpp>
#include <event_draft/port_function.hpp>
#include <event_draft/ports.hpp>

namespace event_draft {

/// What every decorator shares: it satisfies each port and capability that `Port` satisfies, and puts one function around all
/// of their calls, `Derived::around(PortFunction, Deadline, call)`. It holds the port by reference.
/// `settle_later` waits for nothing and can't fail, so it goes straight through. The one capability that is left out is
/// `BatchEventPublisher`, whose calls have no single outcome: a decorated publisher is handed an event at a time.
template <class Derived, class Port>
class PortDecorator {
 public:
  Result<SavedDraft> save(const NewEventDraft& draft, Deadline deadline)
    requires DraftRepository<Port>
  {
    return around(PortFunction::save, deadline, [&] { return port_.save(draft, deadline); });
  }
  Result<std::optional<EventDraft>> find(const DraftId& id, Deadline deadline)
    requires DraftRepository<Port>
  {
    return around(PortFunction::find, deadline, [&] { return port_.find(id, deadline); });
  }
  Result<std::optional<ApprovedDraft>> approve(const DraftApproval& approval, Deadline deadline)
    requires ApprovingRepository<Port>
  {
    return around(PortFunction::approve, deadline, [&] { return port_.approve(approval, deadline); });
  }

  void settle_later(const Settlement& settlement) noexcept
    requires EventOutbox<Port>
  {
    port_.settle_later(settlement);
  }
  Result<std::vector<LeasedEvent>> claim(std::size_t limit, std::chrono::milliseconds time, Deadline deadline)
    requires EventOutbox<Port>
  {
    return around(PortFunction::claim, deadline, [&] { return port_.claim(limit, time, deadline); });
  }
  Result<void> settle(std::span<const Settlement> settlements, Deadline deadline)
    requires EventOutbox<Port>
  {
    return around(PortFunction::settle, deadline, [&] { return port_.settle(settlements, deadline); });
  }

  Result<std::size_t> remove_published(std::chrono::milliseconds age, std::size_t limit, Deadline deadline)
    requires OutboxUpkeep<Port>
  {
    return around(PortFunction::remove_published, deadline,
                  [&] { return port_.remove_published(age, limit, deadline); });
  }
  Result<OutboxStats> stats(Deadline deadline)
    requires OutboxUpkeep<Port>
  {
    return around(PortFunction::stats, deadline, [&] { return port_.stats(deadline); });
  }

  Result<std::vector<ParkedEvent>> parked(const std::optional<EventId>& after, std::size_t limit, Deadline deadline)
    requires OutboxAdministration<Port>
  {
    return around(PortFunction::parked, deadline, [&] { return port_.parked(after, limit, deadline); });
  }
  Result<bool> replay(const EventId& id, Deadline deadline)
    requires OutboxAdministration<Port>
  {
    return around(PortFunction::replay, deadline, [&] { return port_.replay(id, deadline); });
  }
  Result<bool> discard(const EventId& id, Deadline deadline)
    requires OutboxAdministration<Port>
  {
    return around(PortFunction::discard, deadline, [&] { return port_.discard(id, deadline); });
  }

  Result<std::optional<std::string>> get(std::string_view key, Deadline deadline)
    requires DraftCache<Port>
  {
    return around(PortFunction::get, deadline, [&] { return port_.get(key, deadline); });
  }
  Result<void> set(std::span<const CacheWrite> writes, Deadline deadline)
    requires DraftCache<Port>
  {
    return around(PortFunction::set, deadline, [&] { return port_.set(writes, deadline); });
  }

  Result<void> publish(const EventMessage& message, Deadline deadline)
    requires EventPublisher<Port>
  {
    return around(PortFunction::publish, deadline, [&] { return port_.publish(message, deadline); });
  }

 protected:
  explicit PortDecorator(Port& port) noexcept : port_{port} {}

 private:
  template <class Call>
  auto around(PortFunction function, Deadline deadline, Call call) {
    return static_cast<Derived&>(*this).around(function, deadline, call);
  }

  Port& port_;
};

}  // namespace event_draft
