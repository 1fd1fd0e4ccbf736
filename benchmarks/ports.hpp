#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "allocations.hpp"
#include "sample.hpp"

// Ports that do nothing. What they do is in `nothing`; whether the compiler sees it at the call is the two kinds' one difference.
namespace ports {

namespace nothing {

inline event_draft::Result<event_draft::SavedDraft> save(const event_draft::NewEventDraft& draft) {
  return event_draft::SavedDraft{event_draft::with_id(draft, event_draft::DraftId::numbered(1)), true};
}

inline event_draft::Result<std::optional<std::string>> get(const std::string* value) {
  if (value == nullptr) return std::nullopt;
  const UncountedAllocations own;
  return *value;
}

}  // namespace nothing

using FoundRow = event_draft::Result<std::optional<event_draft::EventDraft>>;

struct InlineRepository {
  event_draft::Result<event_draft::SavedDraft> save(const event_draft::NewEventDraft& draft, event_draft::Deadline) {
    return nothing::save(draft);
  }
  FoundRow find(const event_draft::DraftId&, event_draft::Deadline) { return std::nullopt; }
};

struct InlineCache {
  const std::string* value = nullptr;  // what every key holds; null is a miss

  event_draft::Result<std::optional<std::string>> get(std::string_view, event_draft::Deadline) {
    return nothing::get(value);
  }
  event_draft::Result<void> set(std::span<const event_draft::CacheWrite>, event_draft::Deadline) {
    return event_draft::success();
  }
};

struct InlinePublisher {
  event_draft::Result<void> publish(const event_draft::EventMessage&, event_draft::Deadline) {
    return event_draft::success();
  }
};

// Defined in ports.cpp, so that a call is a call, as it is with any real client.
struct OpaqueRepository {
  event_draft::Result<event_draft::SavedDraft> save(const event_draft::NewEventDraft& draft, event_draft::Deadline);
  FoundRow find(const event_draft::DraftId& id, event_draft::Deadline);
};

struct OpaqueCache {
  const std::string* value = nullptr;

  event_draft::Result<std::optional<std::string>> get(std::string_view key, event_draft::Deadline);
  event_draft::Result<void> set(std::span<const event_draft::CacheWrite> writes, event_draft::Deadline);
};

struct OpaquePublisher {
  event_draft::Result<void> publish(const event_draft::EventMessage& message, event_draft::Deadline);
};

/// A clock that stands still; its times are data, so nothing computed from them folds away.
struct StoppedClock {
  event_draft::Timestamp today = sample::created_at;
  event_draft::SteadyTime steady{};

  [[nodiscard]] event_draft::Timestamp now() const noexcept { return today; }
  [[nodiscard]] event_draft::SteadyTime steady_now() const noexcept { return steady; }
};

}  // namespace ports
