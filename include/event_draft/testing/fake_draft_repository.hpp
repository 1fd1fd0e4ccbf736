#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include <event_draft/clock.hpp>
#include <event_draft/ports.hpp>

namespace event_draft::testing {

/// A repository in memory with the whole contract of the port: a window a user, claimed with the save, by the repository's
/// own time of day. Its drafts are `draft-1`, `draft-2`, … Thread-safe.
template <Clock ClockPort = const SystemClock>
class FakeDraftRepository {
 public:
  FakeDraftRepository() noexcept
    requires std::same_as<ClockPort, const SystemClock>
      : FakeDraftRepository{system_clock} {}
  explicit FakeDraftRepository(ClockPort& clock) noexcept : clock_{clock} {}

  Result<SavedDraft> save(const NewEventDraft& draft, Deadline deadline) {
    if (deadline.expired(clock_.steady_now())) return Errc::deadline_exceeded;
    const std::lock_guard lock{mutex_};
    if (const Claim* holder = holder_against(draft)) return SavedDraft{drafts_.at(holder->draft_id), false};
    const EventDraft stored = with_id(draft, DraftId::numbered(drafts_.size() + 1));
    drafts_.emplace(stored.id, stored);
    claims_.insert_or_assign(stored.user_id, Claim{stored.id, clock_.now() + draft.window});
    return SavedDraft{stored, true};
  }

  Result<std::optional<EventDraft>> find(const DraftId& id, Deadline deadline) {
    if (deadline.expired(clock_.steady_now())) return Errc::deadline_exceeded;
    const std::lock_guard lock{mutex_};
    const auto found = drafts_.find(id);
    if (found == drafts_.end()) return std::nullopt;
    return found->second;
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

  /// The claim that keeps the draft out; nullptr when the window is free, over, or held by what the draft replaces.
  const Claim* holder_against(const NewEventDraft& draft) const {
    const auto claim = claims_.find(draft.user_id);
    if (claim == claims_.end() || claim->second.until <= clock_.now()) return nullptr;
    return draft.replaces == claim->second.draft_id ? nullptr : &claim->second;
  }

  ClockPort& clock_;
  mutable std::mutex mutex_;
  std::map<DraftId, EventDraft> drafts_;
  std::map<UserId, Claim> claims_;
};

static_assert(DraftRepository<FakeDraftRepository<>>);

}  // namespace event_draft::testing
