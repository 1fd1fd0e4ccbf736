#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <event_draft/async_ports.hpp>
#include <event_draft/task.hpp>
#include <event_draft/testing/manual_loop.hpp>

namespace event_draft::testing {

/// A blocking port of any kind, mock or fake, to be awaited: each call waits for a turn of the loop and then is the port's.
template <class Port>
class AsyncPort {
 public:
  AsyncPort(Port& port, ManualLoop& loop) noexcept : port_{port}, loop_{loop} {}

  Task<Result<SavedDraft>> save(const NewEventDraft& draft, Deadline deadline)
    requires DraftRepository<Port>
  {
    co_await loop_.turn();
    co_return port_.save(draft, deadline);
  }
  Task<Result<std::optional<EventDraft>>> find(const DraftId& id, Deadline deadline)
    requires DraftRepository<Port>
  {
    co_await loop_.turn();
    co_return port_.find(id, deadline);
  }
  Task<Result<std::optional<ApprovedDraft>>> approve(const DraftApproval& approval, Deadline deadline)
    requires ApprovingRepository<Port>
  {
    co_await loop_.turn();
    co_return port_.approve(approval, deadline);
  }
  void settle_later(const Settlement& settlement) noexcept
    requires AsyncOutboxRepository<Port>
  {
    port_.settle_later(settlement);
  }
  Task<Result<std::optional<std::string>>> get(std::string_view key, Deadline deadline)
    requires DraftCache<Port>
  {
    co_await loop_.turn();
    co_return port_.get(key, deadline);
  }
  Task<Result<void>> set(std::span<const CacheWrite> writes, Deadline deadline)
    requires DraftCache<Port>
  {
    co_await loop_.turn();
    co_return port_.set(writes, deadline);
  }
  Task<Result<void>> publish(const EventMessage& message, Deadline deadline)
    requires EventPublisher<Port>
  {
    co_await loop_.turn();
    co_return port_.publish(message, deadline);
  }

 private:
  Port& port_;
  ManualLoop& loop_;
};

/// The same, but the calls that may overlap begin when they are made; what they came to is told in a turn of the loop.
template <class Port>
class EagerPort : public AsyncPort<Port> {
 public:
  EagerPort(Port& port, ManualLoop& loop) noexcept : AsyncPort<Port>{port, loop}, port_{port}, loop_{loop} {}

  Task<Result<void>> set(std::span<const CacheWrite> writes, Deadline deadline)
    requires DraftCache<Port>
  {
    return tell(port_.set(writes, deadline));
  }
  Task<Result<void>> publish(const EventMessage& message, Deadline deadline)
    requires EventPublisher<Port>
  {
    return tell(port_.publish(message, deadline));
  }

 private:
  Task<Result<void>> tell(Result<void> result) {
    co_await loop_.turn();
    co_return result;
  }

  Port& port_;
  ManualLoop& loop_;
};

}  // namespace event_draft::testing
