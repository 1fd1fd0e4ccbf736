#pragma once

#include <fmt/format.h>

#include <chrono>
#include <iterator>
#include <mutex>
#include <optional>
#include <string>

#include <event_draft/outbox.hpp>

namespace event_draft::observers {

/// An outbox's figures as they were last taken, so that whoever asks need not wait for the outbox.
class OutboxGauges {
 public:
  void set(const OutboxStats& stats) noexcept {
    const std::lock_guard lock{mutex_};
    stats_ = stats;
    taken_at_ = Clock::now();
  }

  /// nullopt when nobody could take them for a while: old figures would look as if all were well.
  [[nodiscard]] std::optional<OutboxStats> latest() const noexcept {
    const std::lock_guard lock{mutex_};
    if (!stats_ || Clock::now() - taken_at_ > longest_age) return std::nullopt;
    return stats_;
  }

  /// Appends them in Prometheus text; nothing when there are none.
  void write(std::string& out) const {
    const auto stats = latest();
    if (!stats) return;
    const double oldest = std::chrono::duration<double>{stats->oldest_pending}.count();
    write(out, "pending", "Events that are neither published nor parked.", stats->pending);
    write(out, "oldest_seconds", "How long ago the oldest pending event occurred.", oldest);
    write(out, "attempts_max", "The most attempts that a pending event has had.", stats->most_attempts);
    write(out, "parked", "Events that wait for a person.", stats->parked);
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::minutes longest_age{1};

  template <class Value>
  static void write(std::string& out, const char* name, const char* help, Value value) {
    fmt::format_to(std::back_inserter(out), "# HELP event_draft_outbox_{0} {1}\n# TYPE event_draft_outbox_{0} gauge\n",
                   name, help);
    fmt::format_to(std::back_inserter(out), "event_draft_outbox_{} {}\n", name, value);
  }

  mutable std::mutex mutex_;
  std::optional<OutboxStats> stats_;
  Clock::time_point taken_at_{};
};

}  // namespace event_draft::observers
