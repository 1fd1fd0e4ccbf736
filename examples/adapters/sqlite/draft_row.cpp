#include "draft_row.hpp"

#include <charconv>
#include <system_error>

namespace event_draft::sqlite {

std::optional<EventDraft> decode(const DraftRow& row) noexcept {
  const auto user = UserId::make(row.user_id);
  const auto objective = parse_stored_objective(row.objective);
  const auto store = StoreInfo::make(row.store_name, row.industry, row.address);
  const auto status = parse_draft_status(row.status);
  const auto created_at = parse_stored_time(row.created_at);
  if (row.id <= 0 || !user || !objective || !store || !status || !created_at) return std::nullopt;
  return EventDraft{DraftId::numbered(static_cast<std::uint64_t>(row.id)),
                    user.assume_value(),
                    *objective,
                    store.assume_value(),
                    *status,
                    *created_at};
}

std::optional<Objective> parse_stored_objective(std::string_view text) noexcept {
  const auto objective = parse_objective(text);
  if (!objective || text != to_string(*objective)) return std::nullopt;
  return objective;
}

std::optional<Timestamp> parse_stored_time(std::int64_t milliseconds) noexcept {
  const Timestamp time{Timestamp::duration{milliseconds}};
  if (parse_timestamp(to_text(time)) != time) return std::nullopt;
  return time;
}

std::optional<std::int64_t> row_id(const DraftId& id) noexcept {
  const std::string_view digits = id.view().substr(DraftId::prefix.size());
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || number <= 0) return std::nullopt;
  if (DraftId::numbered(static_cast<std::uint64_t>(number)) != id) return std::nullopt;  // a leading zero, or a rest
  return number;
}

}  // namespace event_draft::sqlite
