#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <iterator>
#include <list>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include <event_draft/clock.hpp>
#include <event_draft/ports.hpp>

namespace event_draft::memory {

struct CacheLimits {
  std::size_t entries = 100'000;
  std::size_t bytes = 64U << 20U;  ///< of keys and values together, the bookkeeping not counted
};

/// A cache in the process. Past its limits it forgets what was used longest ago, entry by entry; what has expired goes when
/// it is read, or the same way. Time to live runs on steady time, so setting the clock neither prolongs nor ends it.
/// Thread-safe; no call takes longer because the cache is full.
template <Clock ClockPort = const SystemClock>
class MemoryDraftCache {
 public:
  explicit MemoryDraftCache(const CacheLimits& limits = {})
    requires std::same_as<ClockPort, const SystemClock>
      : MemoryDraftCache{limits, system_clock} {}

  /// The index is made in full at once: growing it later would stop the requests of that moment.
  MemoryDraftCache(const CacheLimits& limits, ClockPort& clock) : limits_{limits}, clock_{clock} {
    index_.reserve(limits.entries + 1);
  }

  Result<std::optional<std::string>> get(std::string_view key, Deadline deadline) {
    const SteadyTime now = clock_.steady_now();
    if (deadline.expired(now)) return Errc::deadline_exceeded;
    const std::lock_guard lock{mutex_};
    const auto found = index_.find(key);
    if (found == index_.end()) return std::nullopt;
    const auto entry = found->second;
    if (now >= entry->until) {
      drop(entry);
      return std::nullopt;
    }
    by_use_.splice(by_use_.begin(), by_use_, entry);
    return entry->value;
  }

  Result<void> set(std::span<const CacheWrite> writes, Deadline deadline) {
    const SteadyTime now = clock_.steady_now();
    if (deadline.expired(now)) return Errc::deadline_exceeded;
    const std::lock_guard lock{mutex_};
    for (const CacheWrite& write : writes) put(write, now);
    return success();
  }

  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock{mutex_};
    return by_use_.size();
  }

  /// Of keys and values.
  [[nodiscard]] std::size_t bytes() const {
    const std::lock_guard lock{mutex_};
    return bytes_;
  }

 private:
  struct Entry {
    std::string key;
    std::string value;
    SteadyTime until;

    [[nodiscard]] std::size_t bytes() const noexcept { return key.size() + value.size(); }
  };
  using Entries = std::list<Entry>;

  void put(const CacheWrite& write, SteadyTime now) {
    if (const auto old = index_.find(write.key); old != index_.end()) drop(old->second);
    if (write.key.size() + write.value.size() > limits_.bytes) return;  // it would push out everything else
    Entries fresh;  // spliced in whole, so that running out of memory here leaves list and index at one
    fresh.push_front({std::string{write.key}, std::string{write.value}, now + write.time_to_live});
    index_.emplace(fresh.front().key, fresh.begin());
    bytes_ += fresh.front().bytes();
    by_use_.splice(by_use_.begin(), fresh);
    while (bytes_ > limits_.bytes || by_use_.size() > limits_.entries) drop(std::prev(by_use_.end()));
  }

  void drop(typename Entries::iterator entry) {
    bytes_ -= entry->bytes();
    index_.erase(entry->key);
    by_use_.erase(entry);
  }

  CacheLimits limits_;
  ClockPort& clock_;
  mutable std::mutex mutex_;
  Entries by_use_;                                                          // the latest used first
  std::unordered_map<std::string_view, typename Entries::iterator> index_;  // its keys are the entries' own
  std::size_t bytes_ = 0;
};

static_assert(DraftCache<MemoryDraftCache<>>);

}  // namespace event_draft::memory
