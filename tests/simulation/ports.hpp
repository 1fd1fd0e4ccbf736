#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <event_draft/outbox.hpp>
#include <event_draft/ports.hpp>
#include <event_draft/settlement_queue.hpp>

#include "backend.hpp"
#include "link.hpp"

// A process's own ends of the ports: what they are asked travels over its link to the backend.
namespace event_draft::simulation {

/// A repository as an adapter would be: what `settle_later` is told waits in the process, and dies with it.
class RepositoryPort {
 public:
  /// `blames_for`: how long after its last publish a relay may take a failure for the event's own.
  RepositoryPort(Backend& backend, Link& link, std::chrono::milliseconds blames_for) noexcept
      : backend_{backend}, link_{link}, blames_for_{blames_for} {}

  Result<SavedDraft> save(const NewEventDraft& draft, Deadline deadline) {
    Request& by = link_.request();
    by.created_at = draft.created_at;
    auto saved = link_.call(
        PortFunction::save, deadline, [&] { return backend_.save(draft, by); },
        [&] { return [&backend = backend_, draft, &by] { return backend.save(draft, by); }; });
    if (saved)
      heard_of_lease({saved.assume_value().draft.id, EventType::event_draft_created}, saved.assume_value().lease);
    return saved;
  }

  Result<std::optional<EventDraft>> find(const DraftId& id, Deadline deadline) {
    return link_.read(PortFunction::find, deadline, [&] { return backend_.repository.find(id, Backend::in_time); });
  }

  Result<std::optional<ApprovedDraft>> approve(const DraftApproval& approval, Deadline deadline) {
    Request& by = link_.request();
    auto approved = link_.call(
        PortFunction::approve, deadline, [&] { return backend_.approve(approval, by); },
        [&] { return [&backend = backend_, approval, &by] { return backend.approve(approval, by); }; });
    if (approved && approved.assume_value()) {
      heard_of_lease({approval.id, EventType::event_created}, approved.assume_value()->lease);
    }
    return approved;
  }

  void settle_later(const Settlement& settlement) noexcept {
    if (!link_.reach_settle_later()) return;
    if (link_.request().operation != Operation::relay) judge_blame(settlement, false);
    queue_.push(settlement);
  }

  Result<std::vector<LeasedEvent>> claim(std::size_t limit, std::chrono::milliseconds time, Deadline deadline) {
    backend_.witness.require(settles_, "what can't be settled is not claimed");
    auto claimed = link_.call(
        PortFunction::claim, deadline, [&] { return backend_.claim(limit, time); },
        [&] { return [&backend = backend_, limit, time] { return backend.claim(limit, time); }; });
    if (!claimed) return claimed;
    link_.request().claimed = claimed.assume_value().size();
    for (const LeasedEvent& each : claimed.assume_value()) heard_of_lease(each.event.id, each.token);
    return claimed;
  }

  Result<void> settle(std::span<const Settlement> settlements, Deadline deadline) {
    Unsettled unsettled{queue_};
    settles_ = false;
    std::vector<Settlement> all = unsettled.queued;
    all.insert(all.end(), settlements.begin(), settlements.end());
    if (link_.lives()) {
      for (const Settlement& each : settlements) judge_blame(each, link_.broker_works(blames_for_));
      backend_.witness.about_to_settle(all, link_.process());
    }
    auto settled = link_.call(
        PortFunction::settle, deadline, [&] { return backend_.settle(all); },
        [&] { return [&backend = backend_, all] { return backend.settle(all); }; });
    if (!settled) return settled;
    unsettled.queued.clear();
    settles_ = true;
    return settled;
  }

  Result<std::size_t> remove_published(std::chrono::milliseconds age, std::size_t limit, Deadline deadline) {
    return link_.call(
        PortFunction::remove_published, deadline, [&] { return backend_.remove_published(age, limit); },
        [&] { return [&backend = backend_, age, limit] { return backend.remove_published(age, limit); }; });
  }

  Result<OutboxStats> stats(Deadline deadline) {
    return link_.read(PortFunction::stats, deadline, [&] { return backend_.repository.stats(Backend::in_time); });
  }

  Result<std::vector<ParkedEvent>> parked(const std::optional<EventId>& after, std::size_t limit, Deadline deadline) {
    return link_.read(PortFunction::parked, deadline,
                      [&] { return backend_.repository.parked(after, limit, Backend::in_time); });
  }

  Result<bool> replay(const EventId& id, Deadline deadline) {
    return link_.call(
        PortFunction::replay, deadline, [&] { return backend_.replay(id); },
        [&] { return [&backend = backend_, id] { return backend.replay(id); }; });
  }

  /// How much a crash would make it forget.
  [[nodiscard]] std::size_t waiting() {
    auto all = queue_.take();
    const std::size_t count = all.size();
    queue_.put_back(std::move(all));
    return count;
  }

 private:
  /// What was queued goes back unless it was written, also when the call throws.
  struct Unsettled {
    explicit Unsettled(SettlementQueue& from) : queue{from}, queued{from.take()} {}
    Unsettled(const Unsettled&) = delete;
    Unsettled& operator=(const Unsettled&) = delete;
    ~Unsettled() {
      if (!queued.empty()) queue.put_back(std::move(queued));
    }

    SettlementQueue& queue;
    std::vector<Settlement> queued;
  };

  void heard_of_lease(const EventId& event, const std::optional<LeaseToken>& token) {
    if (token && link_.lives()) backend_.witness.leased({event, *token}, link_.request());
  }

  void judge_blame(const Settlement& settlement, bool broker_works) noexcept {
    const bool is_own_fault = settlement.reason == Errc::event_rejected || settlement.reason == Errc::internal_error;
    const bool blames = settlement.fate == Settlement::Fate::parked ||
                        (settlement.fate == Settlement::Fate::retry && settlement.counts);
    backend_.witness.require(!blames || is_own_fault || broker_works, "a broker that is down is no event's own fault",
                             settlement.lease.event);
  }

  Backend& backend_;
  Link& link_;
  std::chrono::milliseconds blames_for_;
  bool settles_ = true;  ///< or did the latest try fail?
  SettlementQueue queue_;
};

class CachePort {
 public:
  CachePort(Backend& backend, Link& link) noexcept : backend_{backend}, link_{link} {}

  Result<std::optional<std::string>> get(std::string_view key, Deadline deadline) {
    return link_.read(PortFunction::get, deadline, [&] { return backend_.cache.get(key, Backend::in_time); });
  }

  /// One that fails may have written a part.
  Result<void> set(std::span<const CacheWrite> writes, Deadline deadline) {
    const std::uint64_t taken = link_.draw_parts(Target::cache);
    return link_.call(
        PortFunction::set, deadline,
        [&]() -> Result<void> {
          for (std::size_t i = 0; i != writes.size(); ++i) {
            if ((taken & bit(i)) == 0) return Error{Errc::cache_unavailable, {}, Certainty::unknown};
            backend_.cache.put(writes[i].key, writes[i].value, writes[i].time_to_live);
          }
          return success();
        },
        [&] {
          std::vector<Write> copies;
          for (const CacheWrite& each : writes) {
            copies.push_back({std::string{each.key}, std::string{each.value}, each.time_to_live});
          }
          return [&backend = backend_, copies] {
            for (const Write& each : copies) backend.cache.put(each.key, each.value, each.time_to_live);
          };
        });
  }

 private:
  struct Write {
    std::string key;
    std::string value;
    std::chrono::seconds time_to_live;
  };

  Backend& backend_;
  Link& link_;
};

class PublisherPort {
 public:
  PublisherPort(Backend& backend, Link& link) noexcept : backend_{backend}, link_{link} {}

  Result<void> publish(const EventMessage& message, Deadline deadline) {
    about_to_publish(message);
    auto published = link_.call(
        PortFunction::publish, deadline, [&] { return backend_.append(message); },
        [&] { return [&backend = backend_, message] { return backend.append(message); }; });
    if (published) heard(message);
    return published;
  }

 protected:
  void about_to_publish(const EventMessage& message) {
    const bool is_relay = link_.lives() && link_.request().operation == Operation::relay;
    if (is_relay) backend_.witness.about_to_publish(message.id(), link_.request());
  }

  void heard(const EventMessage& message) {
    if (!link_.lives()) return;
    backend_.witness.acknowledged(message.id(), link_.request());
    if (link_.request().operation == Operation::relay) link_.relay_has_published();
  }

  Backend& backend_;
  Link& link_;
};

/// Hands over many at once; each has its own fate, and then all of them that of the call.
class BatchPublisherPort : public PublisherPort {
 public:
  using PublisherPort::PublisherPort;

  void publish_all(std::span<const EventMessage> messages, std::span<Result<void>> results, Deadline deadline) {
    for (const EventMessage& each : messages) about_to_publish(each);
    const std::uint64_t taken = link_.draw_parts(Target::broker);
    const auto append = [](Backend& backend, std::span<const EventMessage> all, std::uint64_t which) {
      for (std::size_t i = 0; i != all.size(); ++i) {
        if ((which & bit(i)) != 0) static_cast<void>(backend.append(all[i]));
      }
      return Result<void>{success()};
    };
    const auto handed = link_.call(
        PortFunction::publish, deadline, [&] { return append(backend_, messages, taken); },
        [&] {
          return [&backend = backend_, append, taken, copies = std::vector(messages.begin(), messages.end())] {
            return append(backend, copies, taken);
          };
        });
    for (std::size_t i = 0; i != messages.size(); ++i) {
      if (!handed) results[i] = handed.assume_error();
      if (!handed || (taken & bit(i)) == 0) continue;
      results[i] = success();
      heard(messages[i]);
    }
  }
};

}  // namespace event_draft::simulation
