#pragma once

#include <cstdint>
#include <event_draft/error.hpp>
#include <event_draft/outbox.hpp>
#include <optional>
#include <string_view>

namespace event_draft::sqlite {

/// A row of `outbox`, with what its event tells of the draft, as the database gives it: anything may be in it.
struct OutboxRow {
  std::int64_t draft_id = 0;
  std::string_view type = {};
  std::int64_t occurred_at = 0;  ///< milliseconds since 1970, UTC
  std::optional<std::string_view> trace = std::nullopt;
  std::int64_t attempts = 0;
  std::int64_t user_id = 0;  ///< 0 without a draft
  std::string_view objective = {};
  std::int64_t created_at = 0;  ///< the draft's
};

/// What the row says, before it is claimed; nullopt for one that breaks the domain's rules.
[[nodiscard]] std::optional<LeasedEvent> decode(const OutboxRow& row) noexcept;

/// Which event it is; nullopt for one that has no name in the domain.
[[nodiscard]] std::optional<EventId> event_id(std::int64_t draft_id, std::string_view type) noexcept;

/// Reads what `wire_code` writes; all else is `internal_error`.
[[nodiscard]] Errc parse_reason(std::string_view text) noexcept;

}  // namespace event_draft::sqlite
