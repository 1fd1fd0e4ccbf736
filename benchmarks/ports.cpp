#include "ports.hpp"

namespace ports {

using namespace event_draft;

Result<SavedDraft> OpaqueRepository::save(const NewEventDraft& draft, Deadline) { return nothing::save(draft); }
FoundRow OpaqueRepository::find(const DraftId&, Deadline) { return std::nullopt; }
Result<std::optional<std::string>> OpaqueCache::get(std::string_view, Deadline) { return nothing::get(value); }
Result<void> OpaqueCache::set(std::span<const CacheWrite>, Deadline) { return success(); }
Result<void> OpaquePublisher::publish(const EventMessage&, Deadline) { return success(); }

}  // namespace ports
