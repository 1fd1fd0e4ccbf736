#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <event_draft/async_ports.hpp>

#include "../async/promise.hpp"
#include "memory_draft_cache.hpp"

namespace event_draft::memory {

/// `MemoryDraftCache` for event loops, which share one: nothing is waited for, each answer is there at once. The cache must
/// outlive it.
template <Clock ClockPort = const SystemClock>
class AsyncMemoryDraftCache {
 public:
  explicit AsyncMemoryDraftCache(MemoryDraftCache<ClockPort>& cache) noexcept : cache_{cache} {}

  [[nodiscard]] adapters::Future<std::optional<std::string>> get(std::string_view key, Deadline deadline) {
    return adapters::Future<std::optional<std::string>>{cache_.get(key, deadline)};
  }
  [[nodiscard]] adapters::Future<void> set(std::span<const CacheWrite> writes, Deadline deadline) {
    return adapters::Future<void>{cache_.set(writes, deadline)};
  }

 private:
  MemoryDraftCache<ClockPort>& cache_;
};

static_assert(AsyncDraftCache<AsyncMemoryDraftCache<>>);

}  // namespace event_draft::memory
