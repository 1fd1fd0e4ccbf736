#include "outbox_row.hpp"

#include <limits>

#include "draft_row.hpp"

namespace event_draft::sqlite {

std::optional<LeasedEvent> decode(const OutboxRow& row) noexcept {
  const auto id = event_id(row.draft_id, row.type);
  const auto user = UserId::make(row.user_id);
  const auto objective = parse_stored_objective(row.objective);
  const auto created_at = parse_stored_time(row.created_at);
  const auto occurred_at = parse_stored_time(row.occurred_at);
  const auto trace = row.trace ? TraceParent::parse(*row.trace) : std::nullopt;
  if (!id || !user || !objective || !created_at || !occurred_at || trace.has_value() != row.trace.has_value())
    return std::nullopt;
  if (row.attempts < 0 || row.attempts >= std::numeric_limits<int>::max()) return std::nullopt;
  return LeasedEvent{{*id, user.assume_value(), *objective, *created_at, *occurred_at, trace},
                     LeaseToken{},
                     static_cast<int>(row.attempts)};
}

std::optional<EventId> event_id(std::int64_t draft_id, std::string_view type) noexcept {
  const auto known = parse_event_type(type);
  if (draft_id <= 0 || !known) return std::nullopt;
  return EventId{DraftId::numbered(static_cast<std::uint64_t>(draft_id)), *known};
}

Errc parse_reason(std::string_view text) noexcept {
  for (auto code = Errc::invalid_objective; code != Errc::internal_error;
       code = static_cast<Errc>(static_cast<int>(code) + 1)) {
    if (text == wire_code(code)) return code;
  }
  return Errc::internal_error;
}

}  // namespace event_draft::sqlite
