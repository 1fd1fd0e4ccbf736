#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <event_draft/objective.hpp>
#include <map>
#include <string>

#include "received_event.hpp"
#include "recent_ids.hpp"

namespace event_draft::consumer {

/// Drafts by objective, in the order of `all_objectives`.
using DayCounts = std::array<std::uint64_t, all_objectives.size()>;

[[nodiscard]] inline std::size_t column_of(Objective objective) noexcept {
  return static_cast<std::size_t>(std::ranges::find(all_objectives, objective) - all_objectives.begin());
}

/// How many drafts were made a day and objective. An event counts once, however often it is sent.
class Tally {
 public:
  explicit Tally(std::size_t remembered_ids) : ids_{remembered_ids} {}

  void add(const ReceivedEvent& event) {
    if (!ids_.add(event.source + ' ' + event.id)) {
      ++resends_;
    } else if (event.type == EventType::event_draft_created) {
      ++days_[event.day][column_of(event.objective)];
    }
  }
  void add_unreadable() noexcept { ++unreadable_; }

  [[nodiscard]] const std::map<std::string, DayCounts>& days() const noexcept { return days_; }
  [[nodiscard]] std::uint64_t resends() const noexcept { return resends_; }
  [[nodiscard]] std::uint64_t unreadable() const noexcept { return unreadable_; }
  [[nodiscard]] const RecentIds& ids() const noexcept { return ids_; }

  // What an earlier run has counted.
  void restore_day(const std::string& day, const DayCounts& counts) { days_[day] = counts; }
  void restore_id(std::string id) { ids_.add(std::move(id)); }
  void restore(std::uint64_t resends, std::uint64_t unreadable) noexcept {
    resends_ = resends;
    unreadable_ = unreadable;
  }

 private:
  RecentIds ids_;
  std::map<std::string, DayCounts> days_;
  std::uint64_t resends_ = 0;
  std::uint64_t unreadable_ = 0;
};

}  // namespace event_draft::consumer
