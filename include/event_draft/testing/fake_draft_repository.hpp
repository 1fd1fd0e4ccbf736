#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include <event_draft/clock.hpp>
#include <event_draft/outbox.hpp>
#include <event_draft/ports.hpp>

namespace event_draft::testing {

/// A repository in memory with the whole contract of the port and all of its capabilities: a window a user, claimed with the
/// save; approval; an outbox. All of it by the repository's own time of day. Its drafts are `draft-1`, `draft-2`, …
/// Thread-safe.
template <Clock ClockPort = const SystemClock>
class FakeDraftRepository {
 public:
  FakeDraftRepository() noexcept
    requires std::same_as<ClockPort, const SystemClock>
      : FakeDraftRepository{system_clock} {}
  explicit FakeDraftRepository(ClockPort& clock) noexcept : clock_{clock} {}

  Result<SavedDraft> save(const NewEventDraft& draft, Deadline deadline) {
    if (is_over(deadline)) return Errc::deadline_exceeded;
    const std::lock_guard lock{mutex_};
    if (const Claim* holder = holder_against(draft)) return SavedDraft{drafts_.at(holder->draft_id), false};
    const EventDraft stored = with_id(draft, DraftId::numbered(drafts_.size() + 1));
    // What takes memory is made first, so that running out of it changes nothing.
    std::map<DraftId, EventDraft> new_draft{{stored.id, stored}};
    std::map<UserId, Claim> new_claim{{stored.user_id, Claim{stored.id, clock_.now() + draft.window}}};
    const auto lease = insert_event(draft_created(stored, draft.trace), draft.event_lease);
    drafts_.merge(new_draft);
    claims_.erase(stored.user_id);
    claims_.merge(new_claim);
    return SavedDraft{stored, true, lease};
  }

  Result<std::optional<EventDraft>> find(const DraftId& id, Deadline deadline) {
    if (is_over(deadline)) return Errc::deadline_exceeded;
    const std::lock_guard lock{mutex_};
    const auto found = drafts_.find(id);
    if (found == drafts_.end()) return std::nullopt;
    return found->second;
  }

  Result<std::optional<ApprovedDraft>> approve(const DraftApproval& approval, Deadline deadline) {
    if (is_over(deadline)) return Errc::deadline_exceeded;
    const std::lock_guard lock{mutex_};
    const auto found = drafts_.find(approval.id);
    if (found == drafts_.end() || found->second.user_id != approval.user_id) return std::nullopt;
    EventDraft& draft = found->second;
    if (draft.status == DraftStatus::approved) return ApprovedDraft{draft, false};
    const bool goes_first = !is_unpublished({draft.id, EventType::event_draft_created});
    const auto lease = insert_event(draft_approved(draft, approval.approved_at, approval.trace),
                                    goes_first ? std::optional{approval.event_lease} : std::nullopt);
    draft.status = DraftStatus::approved;
    const auto claim = claims_.find(draft.user_id);
    if (claim != claims_.end() && claim->second.draft_id == draft.id) claims_.erase(claim);
    return ApprovedDraft{draft, true, lease};
  }

  /// Here it is no later than at once.
  void settle_later(const Settlement& settlement) noexcept {
    const std::lock_guard lock{mutex_};
    apply(settlement);
  }

  Result<std::vector<LeasedEvent>> claim(std::size_t limit, std::chrono::milliseconds time, Deadline deadline) {
    if (is_over(deadline)) return Errc::deadline_exceeded;
    const std::lock_guard lock{mutex_};
    std::vector<Row*> due;
    for (auto& [id, row] : outbox_) {
      if (row.is_pending() && row.available_at <= clock_.now() && is_next(id)) due.push_back(&row);
    }
    std::stable_sort(due.begin(), due.end(), [](Row* a, Row* b) { return a->available_at < b->available_at; });
    if (due.size() > limit) due.resize(limit);
    std::vector<LeasedEvent> claimed;
    claimed.reserve(due.size());
    for (Row* row : due) {
      row->available_at = clock_.now() + time;
      row->lease = new_token();
      claimed.push_back({row->event, row->lease, ++row->attempts});
    }
    return claimed;
  }

  Result<void> settle(std::span<const Settlement> settlements, Deadline deadline) {
    if (is_over(deadline)) return Errc::deadline_exceeded;
    const std::lock_guard lock{mutex_};
    for (const Settlement& settlement : settlements) apply(settlement);
    return success();
  }

  Result<std::size_t> remove_published(std::chrono::milliseconds age, std::size_t limit, Deadline deadline) {
    if (is_over(deadline)) return Errc::deadline_exceeded;
    const std::lock_guard lock{mutex_};
    std::size_t removed = 0;
    for (auto row = outbox_.begin(); row != outbox_.end() && removed != limit;) {
      const bool is_old = row->second.published_at && *row->second.published_at + age < clock_.now();
      removed += is_old ? 1U : 0U;
      row = is_old ? outbox_.erase(row) : std::next(row);
    }
    return removed;
  }

  Result<OutboxStats> stats(Deadline deadline) {
    if (is_over(deadline)) return Errc::deadline_exceeded;
    const std::lock_guard lock{mutex_};
    OutboxStats stats;
    for (const auto& [id, row] : outbox_) {
      if (row.parked) ++stats.parked;
      if (!row.is_pending()) continue;
      ++stats.pending;
      stats.oldest_pending =
          std::max<std::chrono::milliseconds>(stats.oldest_pending, clock_.now() - row.event.occurred_at);
      stats.most_attempts = std::max(stats.most_attempts, row.attempts);
    }
    return stats;
  }

  Result<std::vector<ParkedEvent>> parked(const std::optional<EventId>& after, std::size_t limit, Deadline deadline) {
    if (is_over(deadline)) return Errc::deadline_exceeded;
    const std::lock_guard lock{mutex_};
    std::vector<ParkedEvent> listed;
    for (auto row = after ? outbox_.upper_bound(*after) : outbox_.begin(); row != outbox_.end(); ++row) {
      if (listed.size() == limit) break;
      if (row->second.parked) listed.push_back(*row->second.parked);
    }
    return listed;
  }

  Result<bool> replay(const EventId& id, Deadline deadline) {
    if (is_over(deadline)) return Errc::deadline_exceeded;
    const std::lock_guard lock{mutex_};
    const auto row = outbox_.find(id);
    if (row == outbox_.end() || !row->second.parked) return false;
    row->second.parked.reset();
    row->second.attempts = 0;
    row->second.available_at = clock_.now();
    return true;
  }

  Result<bool> discard(const EventId& id, Deadline deadline) {
    if (is_over(deadline)) return Errc::deadline_exceeded;
    const std::lock_guard lock{mutex_};
    const auto row = outbox_.find(id);
    if (row == outbox_.end() || !row->second.parked) return false;
    outbox_.erase(row);
    return true;
  }

  /// How many drafts are stored.
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock{mutex_};
    return drafts_.size();
  }

  /// All drafts, ordered by the text of their ids.
  [[nodiscard]] std::vector<EventDraft> drafts() const {
    const std::lock_guard lock{mutex_};
    std::vector<EventDraft> all;
    all.reserve(drafts_.size());
    for (const auto& [id, draft] : drafts_) all.push_back(draft);
    return all;
  }

 private:
  struct Claim {
    DraftId draft_id;
    Timestamp until;
  };

  struct Row {
    DraftEvent event;
    Timestamp available_at;  // the end of the lease or of the back-off
    LeaseToken lease;        // the latest; no_lease before the first, and once it is settled
    int attempts;            // how often it was leased
    std::optional<Timestamp> published_at = std::nullopt;
    std::optional<ParkedEvent> parked = std::nullopt;

    [[nodiscard]] bool is_pending() const noexcept { return !published_at && !parked; }
  };

  static constexpr LeaseToken no_lease{0};

  bool is_over(Deadline deadline) const noexcept { return deadline.expired(clock_.steady_now()); }

  LeaseToken new_token() noexcept { return LeaseToken{++tokens_}; }

  /// The claim that keeps the draft out; nullptr when the window is free, over, or held by what the draft replaces.
  const Claim* holder_against(const NewEventDraft& draft) const {
    const auto claim = claims_.find(draft.user_id);
    if (claim == claims_.end() || claim->second.until <= clock_.now()) return nullptr;
    return draft.replaces == claim->second.draft_id ? nullptr : &claim->second;
  }

  /// The lease is the caller's; without one the event is due as soon as it is the draft's next.
  std::optional<LeaseToken> insert_event(const DraftEvent& event, std::optional<std::chrono::milliseconds> lease) {
    if (!lease) {
      outbox_.emplace(event.id, Row{event, clock_.now(), no_lease, 0});
      return std::nullopt;
    }
    const LeaseToken token = new_token();
    outbox_.emplace(event.id, Row{event, clock_.now() + *lease, token, 1});
    return token;
  }

  bool is_unpublished(const EventId& id) const {
    const auto row = outbox_.find(id);
    return row != outbox_.end() && !row->second.published_at;
  }

  /// An event waits for every earlier one of its draft, a parked one included.
  bool is_next(const EventId& id) const {
    return id.type == EventType::event_draft_created || !is_unpublished({id.draft_id, EventType::event_draft_created});
  }

  void apply(const Settlement& settlement) noexcept {
    const auto found = outbox_.find(settlement.lease.event);
    if (found == outbox_.end() || found->second.lease != settlement.lease.token) return;
    if (settlement.lease.token == no_lease) return;
    Row& row = found->second;
    row.lease = no_lease;
    switch (settlement.fate) {
      case Settlement::Fate::published: row.published_at = clock_.now(); break;
      case Settlement::Fate::retry:
        row.available_at = clock_.now() + settlement.after;
        row.attempts -= settlement.counts ? 0 : 1;
        break;
      case Settlement::Fate::parked:
        row.parked = ParkedEvent{row.event.id, row.attempts, settlement.reason, clock_.now()};
        break;
    }
  }

  ClockPort& clock_;
  mutable std::mutex mutex_;
  std::map<DraftId, EventDraft> drafts_;
  std::map<UserId, Claim> claims_;
  std::map<EventId, Row> outbox_;
  std::int64_t tokens_ = 0;
};

static_assert(DraftRepository<FakeDraftRepository<>> && ApprovingRepository<FakeDraftRepository<>>);
static_assert(EventOutbox<FakeDraftRepository<>> && OutboxUpkeep<FakeDraftRepository<>> &&
              OutboxAdministration<FakeDraftRepository<>>);

}  // namespace event_draft::testing
