#pragma once

#include <array>
#include <cstdint>
#include <event_draft/event_draft.hpp>
#include <optional>
#include <string_view>

#include "wire.hpp"

namespace event_draft::postgres {

/// id, user, objective, store name, industry, address, status, created at: as the statements select them, and as the database
/// gives them: anything may be in it.
using DraftFields = std::array<Value, 8>;

/// nullopt for a row that breaks the domain's rules: it was not written by this adapter, or has been changed since.
[[nodiscard]] std::optional<EventDraft> decode(const DraftFields& row) noexcept;

/// An objective as `to_string` writes it, in no other spelling.
[[nodiscard]] std::optional<Objective> parse_stored_objective(std::string_view text) noexcept;

/// The number in `draft-{number}`, nullopt for the id of a draft that this adapter did not make.
[[nodiscard]] std::optional<std::int64_t> row_id(const DraftId& id) noexcept;

}  // namespace event_draft::postgres
