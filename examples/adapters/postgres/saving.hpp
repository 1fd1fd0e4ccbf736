#pragma once

#include <cstddef>
#include <cstdint>
#include <event_draft/event_draft.hpp>
#include <optional>
#include <string_view>

#include "draft_row.hpp"
#include "parameters.hpp"
#include "rows.hpp"

// What the statements are told of a draft, and what they say of a save.
namespace event_draft::postgres {

[[nodiscard]] inline std::optional<std::string_view> text_of(const std::optional<TraceParent>& trace) noexcept {
  return trace ? std::optional{trace->view()} : std::nullopt;
}

/// Of `sql::save`. The draft lives as long as they do.
[[nodiscard]] inline Parameters save_parameters(const NewEventDraft& draft, std::optional<std::int64_t> passes_on,
                                                std::int64_t token) noexcept {
  const StoreInfo& store = draft.store;
  return Parameters{draft.user_id.value(), to_string(draft.objective), store.name(), store.industry(),
                    store.address(),       draft.created_at,           draft.window, passes_on,
                    text_of(draft.trace),  draft.event_lease,          token};
}

/// Of `sql::approve`. The approval lives as long as they do.
[[nodiscard]] inline Parameters approve_parameters(const DraftApproval& approval, std::int64_t token) noexcept {
  return Parameters{row_id(approval.id),     approval.user_id.value(), approval.approved_at,
                    text_of(approval.trace), approval.event_lease,     token};
}

/// What a row of `sql::save`, which begins at that column, says of the draft. nullopt: the holder is corrupt, and its claim,
/// which is now in `passes_on`, is void.
[[nodiscard]] inline std::optional<SavedDraft> read_saved(const Rows& rows, std::size_t row, std::size_t column,
                                                          const NewEventDraft& draft, std::int64_t token,
                                                          std::optional<std::int64_t>& passes_on) noexcept {
  const auto number = integer(rows.field(row, column + 1));
  if (boolean(rows.field(row, column))) {
    const auto id = DraftId::numbered(static_cast<std::uint64_t>(number.value_or(0)));
    return SavedDraft{with_id(draft, id), true, LeaseToken{token}};
  }
  if (const auto holder = decode(rows.fields<8>(row, column + 2))) return SavedDraft{*holder, false};
  passes_on = number;
  return std::nullopt;
}

/// The draft that was approved just now, as `sql::approve` says of it.
[[nodiscard]] inline ApprovedDraft read_approved(const Rows& rows, const EventDraft& draft,
                                                 std::int64_t token) noexcept {
  ApprovedDraft approved{draft, true};
  approved.draft.status = DraftStatus::approved;
  const bool waits = boolean(rows.field(0, 0));
  if (!waits) approved.lease = LeaseToken{token};
  return approved;
}

}  // namespace event_draft::postgres
