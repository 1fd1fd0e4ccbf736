// What docs/writing-an-adapter.md shows: a host's own cache, and the one line that tests it.
#include <event_draft/check_port.hpp>
#include <event_draft/testing/contracts.hpp>
#include <map>
#include <mutex>
#include <string>
#include <thread>

namespace {

// [adapter]
/// The smallest cache that keeps the contract: a map, a lock, and the time at which each value ends.
class MapCache {
 public:
  event_draft::Result<std::optional<std::string>> get(std::string_view key, event_draft::Deadline deadline) {
    if (deadline.expired()) return event_draft::Errc::deadline_exceeded;
    const std::scoped_lock lock{mutex_};
    const auto found = values_.find(key);
    if (found == values_.end() || found->second.until.expired()) return std::nullopt;
    return found->second.text;
  }

  event_draft::Result<void> set(std::span<const event_draft::CacheWrite> writes, event_draft::Deadline deadline) {
    if (deadline.expired()) return event_draft::Errc::deadline_exceeded;
    const std::scoped_lock lock{mutex_};
    for (const auto& [key, value, time_to_live] : writes) {
      values_.insert_or_assign(std::string{key}, Value{std::string{value}, event_draft::Deadline::after(time_to_live)});
    }
    return event_draft::success();
  }

 private:
  struct Value {
    std::string text;
    event_draft::Deadline until;
  };

  std::mutex mutex_;
  std::map<std::string, Value, std::less<>> values_;
};

static_assert(event_draft::check_port<MapCache, event_draft::Port::cache>());
// [/adapter]

// [contract]
struct MapCacheHarness {
  MapCache cache;

  MapCache& port() { return cache; }
  event_draft::Deadline deadline() const { return event_draft::Deadline::after(std::chrono::seconds{30}); }
  event_draft::Deadline expired() const { return event_draft::Deadline::after(std::chrono::seconds{-1}); }
  void pass(std::chrono::milliseconds span) const { std::this_thread::sleep_for(span); }
};

EVENT_DRAFT_CACHE_CONTRACT(MapCacheHarness);
// [/contract]

}  // namespace
