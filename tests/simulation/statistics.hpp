#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace event_draft::simulation {

/// What is counted over a whole run, so that one sees that each kind of thing happened.
enum class Count : std::uint8_t {
  creates,
  finds,
  approves,
  passes,
  created,
  in_progress,
  found,
  not_found,
  approved,
  already_approved,
  failed_requests,
  port_calls,
  refused,
  thrown,
  applied_then_failed,
  lost_requests,
  lost_replies,
  late_effects,
  twice_applied,
  rejected,
  crashes,
  cuts,
  pauses,
  clock_jumps,
  cache_flushes,
  poisoned_values,
  damaged_values,
  foreign_values,
  expired_values,
  stale_answers,
  saves_in_doubt,
  approvals_in_doubt,
  replacements,
  windows_expired,
  leases_expired,
  stale_settlements,
  forgotten_settlements,
  duplicates,
  parked,
  replays,
  removed,
  calm_schedules,
};

inline constexpr std::array<std::string_view, static_cast<std::size_t>(Count::calm_schedules) + 1> count_names{
    "creates",
    "finds",
    "approves",
    "relay passes",
    "created",
    "in progress",
    "found",
    "not found",
    "approved",
    "already approved",
    "failed requests",
    "port calls",
    "refused",
    "thrown",
    "applied then failed",
    "lost requests",
    "lost replies",
    "late effects",
    "applied twice",
    "rejected by the broker",
    "crashes",
    "partitions",
    "processes paused",
    "clock jumps",
    "cache flushes",
    "poisoned values",
    "damaged values seen",
    "foreign values seen",
    "expired values seen",
    "answers older than the approval",
    "saves in doubt",
    "approvals in doubt",
    "replacements",
    "windows expired",
    "leases expired",
    "stale settlements",
    "settlements forgotten by a crash",
    "duplicates at the broker",
    "parked",
    "replays",
    "published events removed",
    "calm schedules"};

class Statistics {
 public:
  void add(Count count, std::uint64_t by = 1) noexcept { counts_[static_cast<std::size_t>(count)] += by; }
  [[nodiscard]] std::uint64_t operator[](Count count) const noexcept {
    return counts_[static_cast<std::size_t>(count)];
  }

  /// The names of what never happened.
  [[nodiscard]] std::string missing() const {
    std::string text;
    for (std::size_t i = 0; i != counts_.size(); ++i) {
      if (counts_[i] == 0) text.append(text.empty() ? "" : ", ").append(count_names[i]);
    }
    return text;
  }

  /// "12 creates, 3 finds, …"
  [[nodiscard]] std::string text() const {
    std::string text;
    for (std::size_t i = 0; i != counts_.size(); ++i) {
      text.append(i == 0 ? "" : ", ").append(std::to_string(counts_[i])).append(" ").append(count_names[i]);
    }
    return text;
  }

 private:
  std::array<std::uint64_t, count_names.size()> counts_{};
};

}  // namespace event_draft::simulation
