#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <event_draft/testing/fake_draft_cache.hpp>
#include <event_draft/testing/fake_draft_repository.hpp>

#include "course.hpp"
#include "local_clock.hpp"
#include "witness.hpp"

namespace event_draft::simulation {

/// The database, the cache and the broker, which all processes share and which never die. Effects happen here, at once, under
/// the witness's eyes; what goes wrong goes wrong on the way.
class Backend {
 public:
  Backend(Course& course, Skew skew, const Witness::Setting& setting)
      : witness{setting, course.statistics},
        clock_{course.now, skew},
        statistics_{course.statistics},
        trace_{course.trace} {}

  Result<SavedDraft> save(const NewEventDraft& draft, Request& by) {
    auto saved = repository.save(draft, in_time);
    if (!saved) return saved;
    witness.saved(draft, saved.assume_value(), by, clock_.now());
    const auto& [stored, inserted, lease] = saved.assume_value();
    note(stored.id);
    trace_.line("  the repository {} {} for user {}", inserted ? "stores" : "has", stored.id.view(),
                stored.user_id.value());
    return saved;
  }

  Result<std::optional<ApprovedDraft>> approve(const DraftApproval& approval, Request& by) {
    auto approved = repository.approve(approval, in_time);
    if (!approved) return approved;
    witness.approved(approval, approved.assume_value(), by, clock_.now());
    note(approval.id);
    trace_.line("  the repository is asked to approve {} for user {}: {}", approval.id.view(), approval.user_id.value(),
                !approved.assume_value()                ? "it has none"
                : approved.assume_value()->approved_now ? "approved now"
                                                        : "approved before");
    return approved;
  }

  Result<std::vector<LeasedEvent>> claim(std::size_t limit, std::chrono::milliseconds time) {
    auto claimed = repository.claim(limit, time, in_time);
    if (!claimed) return claimed;
    witness.claimed(claimed.assume_value(), limit, time, clock_.now());
    for (const LeasedEvent& each : claimed.assume_value()) {
      note(each.event.id.draft_id);
      trace_.line("  {} is leased, attempt {}", to_text(each.event.id).view(), each.attempts);
    }
    return claimed;
  }

  Result<void> settle(std::span<const Settlement> settlements) {
    witness.settled(settlements, clock_.now());
    for (const Settlement& each : settlements) {
      note(each.lease.event.draft_id);
      trace_.line("  {} is settled: {}", to_text(each.lease.event).view(),
                  each.fate == Settlement::Fate::published ? "published"
                  : each.fate == Settlement::Fate::retry   ? "to be sent again"
                                                           : "parked");
    }
    return repository.settle(settlements, in_time);
  }

  Result<std::size_t> remove_published(std::chrono::milliseconds age, std::size_t limit) {
    auto removed = repository.remove_published(age, limit, in_time);
    if (removed) statistics_.add(Count::removed, removed.assume_value());
    return removed;
  }

  Result<bool> replay(const EventId& id) {
    const auto done = repository.replay(id, in_time);
    if (done) witness.replayed(id, done.assume_value(), clock_.now());
    trace_.line("  {} is replayed", to_text(id).view());
    return done;
  }

  Result<void> append(const EventMessage& message) {
    witness.appended(message);
    trace_.note(message.payload().size());
    trace_.line("  the broker takes {}", message.id());
    return success();
  }

  void jump(std::chrono::milliseconds span) noexcept { clock_.jump(span); }
  [[nodiscard]] Timestamp now() const noexcept { return clock_.now(); }
  [[nodiscard]] OutboxStats outbox() { return repository.stats(in_time).value(); }
  [[nodiscard]] std::vector<ParkedEvent> parked() { return repository.parked({}, 100, in_time).value(); }

  /// The clients of these keep the deadlines; what reaches them is done.
  static constexpr Deadline in_time{SteadyTime::max()};

  Witness witness;

 private:
  void note(const DraftId& id) noexcept { trace_.note(static_cast<std::uint64_t>(id.view().back())); }

  LocalClock clock_;
  Statistics& statistics_;
  Trace& trace_;

 public:
  testing::FakeDraftRepository<const LocalClock> repository{clock_};
  testing::FakeDraftCache<const LocalClock> cache{clock_};
};

}  // namespace event_draft::simulation
