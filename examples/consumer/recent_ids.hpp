#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace event_draft::consumer {

/// The latest event ids, up to a number of them: so many events may lie between an event and its resend.
class RecentIds {
 public:
  explicit RecentIds(std::size_t most) : most_{most} {}
  RecentIds(const RecentIds&) = delete;
  RecentIds& operator=(const RecentIds&) = delete;

  /// Whether it is new.
  bool add(std::string id) {
    if (known_.contains(id)) return false;
    known_.insert(order_.emplace_back(std::move(id)));
    if (order_.size() > most_) {
      known_.erase(order_.front());
      order_.pop_front();
    }
    return true;
  }

  /// From the oldest to the latest.
  [[nodiscard]] const std::deque<std::string>& all() const noexcept { return order_; }

 private:
  std::size_t most_;
  std::deque<std::string> order_;
  std::unordered_set<std::string_view> known_;  // views into order_, whose elements stay where they are
};

}  // namespace event_draft::consumer
