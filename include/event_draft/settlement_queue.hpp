#pragma once

#include <cstddef>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

#include <event_draft/settlement.hpp>

namespace event_draft {

/// Where an outbox's `settle_later` puts what it is told, until the next `settle` writes it: in memory, thread-safe, bounded.
/// What finds no room is forgotten, and so is all of it when the process ends: those events are sent again.
class SettlementQueue {
 public:
  explicit SettlementQueue(std::size_t capacity = 8192) noexcept : capacity_{capacity} {}

  void push(const Settlement& settlement) noexcept try {
    const std::lock_guard lock{mutex_};
    if (waiting_.size() < capacity_) waiting_.push_back(settlement);
  } catch (const std::bad_alloc&) {  // forgotten, as when there is no room
  }

  /// Takes all that is there, in its order.
  [[nodiscard]] std::vector<Settlement> take() noexcept {
    const std::lock_guard lock{mutex_};
    return std::exchange(waiting_, {});
  }

  /// For what could not be written; it stands before what has come since.
  void put_back(std::vector<Settlement> settlements) noexcept {
    const std::lock_guard lock{mutex_};
    waiting_.swap(settlements);
    try {
      waiting_.insert(waiting_.end(), settlements.begin(), settlements.end());
    } catch (const std::bad_alloc&) {  // what has come since is forgotten
    }
    if (waiting_.size() > capacity_) {
      waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(capacity_), waiting_.end());
    }
  }

 private:
  std::size_t capacity_;
  std::mutex mutex_;
  std::vector<Settlement> waiting_;
};

}  // namespace event_draft
