#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <event_draft/clock.hpp>
#include <event_draft/ports.hpp>

namespace event_draft::testing {

/// A cache in memory that forgets nothing but what its time to live ends (by steady time), however much it holds.
/// Thread-safe.
template <Clock ClockPort = const SystemClock>
class FakeDraftCache {
 public:
  FakeDraftCache() noexcept
    requires std::same_as<ClockPort, const SystemClock>
      : FakeDraftCache{system_clock} {}
  explicit FakeDraftCache(ClockPort& clock) noexcept : clock_{clock} {}

  Result<std::optional<std::string>> get(std::string_view key, Deadline deadline) {
    if (deadline.expired(clock_.steady_now())) return Errc::deadline_exceeded;
    return peek(key);
  }

  Result<void> set(std::span<const CacheWrite> writes, Deadline deadline) {
    if (deadline.expired(clock_.steady_now())) return Errc::deadline_exceeded;
    for (const CacheWrite& write : writes) put(write.key, write.value, write.time_to_live);
    return success();
  }

  /// Puts any bytes under a key, as another version, a fault or an attacker would.
  void put(std::string_view key, std::string_view value, std::chrono::seconds time_to_live = std::chrono::hours{24}) {
    const std::lock_guard lock{mutex_};
    values_.insert_or_assign(std::string{key}, Value{std::string{value}, clock_.steady_now() + time_to_live});
  }

  /// What `get` would find.
  [[nodiscard]] std::optional<std::string> peek(std::string_view key) const {
    const std::lock_guard lock{mutex_};
    const auto found = values_.find(key);
    if (found == values_.end() || !is_alive(found->second)) return std::nullopt;
    return found->second.text;
  }

  /// What is left of the key's time to live; nullopt when there is nothing under the key.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> time_to_live(std::string_view key) const {
    const std::lock_guard lock{mutex_};
    const auto found = values_.find(key);
    if (found == values_.end() || !is_alive(found->second)) return std::nullopt;
    return found->second.until - clock_.steady_now();
  }

  /// Forgets everything.
  void flush() {
    const std::lock_guard lock{mutex_};
    values_.clear();
  }

  /// How many keys have a value.
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock{mutex_};
    std::size_t alive = 0;
    for (const auto& [key, value] : values_) alive += is_alive(value) ? 1U : 0U;
    return alive;
  }

 private:
  struct Value {
    std::string text;
    SteadyTime until;
  };

  bool is_alive(const Value& value) const noexcept { return clock_.steady_now() < value.until; }

  ClockPort& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, Value, std::less<>> values_;
};

static_assert(DraftCache<FakeDraftCache<>>);

}  // namespace event_draft::testing
