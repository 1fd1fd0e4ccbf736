#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <event_draft/cache_entry.hpp>
#include <event_draft/create_event_draft.hpp>
#include <event_draft/event_draft.hpp>
#include <event_draft/testing/virtual_clock.hpp>

// The specification's own example, as a command and as a draft, and what differs from it in one thing.
namespace event_draft::testing {

inline constexpr std::int64_t sample_user = 123;

[[nodiscard]] constexpr CreateEventDraft sample_command(std::int64_t user_id = sample_user) noexcept {
  return {user_id, "신규 고객 유치", "맛있는집", "음식점", "서울시 강남구", {}};
}

[[nodiscard]] constexpr CreateEventDraft with_objective(std::string_view objective) noexcept {
  CreateEventDraft command = sample_command();
  command.objective = objective;
  return command;
}

[[nodiscard]] constexpr CreateEventDraft with_store(std::string_view name, std::string_view industry,
                                                    std::string_view address) noexcept {
  return {sample_user, sample_command().objective, name, industry, address, {}};
}

/// What `sample_command` asks for at the virtual clock's first moment.
[[nodiscard]] constexpr NewEventDraft sample_new_draft(std::int64_t user_id = sample_user) {
  constexpr CreateEventDraft command = sample_command();
  return {UserId::make(user_id).value(), *parse_objective(command.objective),
          StoreInfo::make(command.store_name, command.industry, command.address).value(), VirtualClock::start};
}

/// The same as stored: `draft-1` unless another number is asked for.
[[nodiscard]] constexpr EventDraft sample_draft(std::uint64_t number = 1, std::int64_t user_id = sample_user) {
  return with_id(sample_new_draft(user_id), DraftId::numbered(number));
}

/// What a cache's `get` returns when there is nothing.
inline constexpr std::nullopt_t cache_miss = std::nullopt;

/// What a cache's `get` returns when the draft is there.
[[nodiscard]] inline std::optional<std::string> cache_hit(const EventDraft& draft) {
  return std::string{encode_cache_entry(draft).view()};
}

/// What a repository's `save` returns for a draft that it has just stored.
[[nodiscard]] constexpr SavedDraft inserted(const EventDraft& draft) noexcept { return {draft, true}; }

/// The same from a repository with an outbox: the event may be published under this lease.
[[nodiscard]] constexpr SavedDraft inserted(const EventDraft& draft, LeaseToken lease) noexcept {
  return {draft, true, lease};
}

/// The draft after its approval.
[[nodiscard]] constexpr EventDraft approved(EventDraft draft) noexcept {
  draft.status = DraftStatus::approved;
  return draft;
}

/// What a repository's `save` returns when this draft holds the user's window.
[[nodiscard]] constexpr SavedDraft already_there(const EventDraft& draft) noexcept { return {draft, false}; }

}  // namespace event_draft::testing
