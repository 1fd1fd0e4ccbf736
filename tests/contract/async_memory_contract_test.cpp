#include <doctest/doctest.h>

#include <adapters/memory/async_memory_draft_cache.hpp>
#include <event_draft/testing/contracts.hpp>
#include <utility>

#include "harness_clocks.hpp"

namespace {

using event_draft::CacheWrite;
using event_draft::Deadline;
using event_draft::Result;

/// The cache whose answers are there at once, as the suite calls it: no loop turns.
class CacheAtOnce {
 public:
  auto get(std::string_view key, Deadline deadline) { return known(cache_.get(key, deadline)); }
  auto set(std::span<const CacheWrite> writes, Deadline deadline) { return known(cache_.set(writes, deadline)); }

 private:
  template <class T>
  static Result<T> known(event_draft::adapters::Future<T> future) {
    REQUIRE(future.await_ready());
    return future.await_resume();
  }

  event_draft::memory::MemoryDraftCache<> shared_;
  event_draft::memory::AsyncMemoryDraftCache<> cache_{shared_};
};

struct AsyncMemoryCache : event_draft::testing::RealTime {
  CacheAtOnce& port() { return port_; }
  CacheAtOnce port_;
};

EVENT_DRAFT_CACHE_CONTRACT(AsyncMemoryCache);

}  // namespace
