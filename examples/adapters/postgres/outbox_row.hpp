#pragma once

#include <array>
#include <cstdint>
#include <event_draft/error.hpp>
#include <event_draft/outbox.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "wire.hpp"

namespace event_draft::postgres {

/// draft, type, occurred at, trace, attempts, lease, then the draft's user, objective, created at: as `claim` returns them;
/// anything may be in it, and the draft's are NULL without a draft.
using ClaimedFields = std::array<Value, 9>;

/// The claimed event; nullopt for a row that breaks the domain's rules.
[[nodiscard]] std::optional<LeasedEvent> decode(const ClaimedFields& row) noexcept;

/// draft, type, attempts, reason, parked at
using ParkedFields = std::array<Value, 5>;

/// nullopt for one that has no name in the domain.
[[nodiscard]] std::optional<ParkedEvent> decode(const ParkedFields& row) noexcept;

/// pending, age of the oldest in milliseconds (NULL without one), most attempts, parked
[[nodiscard]] OutboxStats decode_stats(const std::array<Value, 4>& row) noexcept;

/// Reads what `wire_code` writes; all else is `internal_error`.
[[nodiscard]] Errc parse_reason(std::string_view text) noexcept;

/// `draft-7.EventDraftCreated`, whatever the row holds, fit for a line of a log.
[[nodiscard]] std::string row_name(std::int64_t draft, std::string_view type);

}  // namespace event_draft::postgres
