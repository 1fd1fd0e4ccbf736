#pragma once

#include <cstdint>
#include <event_draft/event_draft.hpp>
#include <optional>
#include <string_view>

namespace event_draft::sqlite {

/// A row of `drafts` as the database gives it: anything may be in it.
struct DraftRow {
  std::int64_t id = 0;
  std::int64_t user_id = 0;
  std::string_view objective = {};
  std::string_view store_name = {};
  std::string_view industry = {};
  std::string_view address = {};
  std::string_view status = {};
  std::int64_t created_at = 0;  ///< milliseconds since 1970, UTC
};

/// nullopt for a row that breaks the domain's rules: it was not written by this adapter, or has been damaged since.
[[nodiscard]] std::optional<EventDraft> decode(const DraftRow& row) noexcept;

/// An objective as `to_string` writes it, in no other spelling.
[[nodiscard]] std::optional<Objective> parse_stored_objective(std::string_view text) noexcept;

/// A time that can be written as text.
[[nodiscard]] std::optional<Timestamp> parse_stored_time(std::int64_t milliseconds) noexcept;

/// The number in `draft-{number}`, nullopt for the id of a draft that this adapter did not make.
[[nodiscard]] std::optional<std::int64_t> row_id(const DraftId& id) noexcept;

}  // namespace event_draft::sqlite
