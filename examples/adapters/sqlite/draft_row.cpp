#include "draft_row.hpp"

#include <charconv>
#include <system_error>

namespace event_draft::sqlite {

std::optional<EventDraft> decode(const DraftRow& row) noexcept {
  const auto user = UserId::make(row.user_id);
  const auto objective = parse_objective(row.objective);
  const auto store = StoreInfo::make(row.store_name, row.industry, row.address);
  const auto status = parse_draft_status(row.status);
  const Timestamp created_at{Timestamp::duration{row.created_at}};
  if (row.id <= 0 || !user || !objective || !store || !status) return std::nullopt;
  if (row.objective != to_string(*objective) || parse_timestamp(to_text(created_at)) != created_at) return std::nullopt;
  return EventDraft{DraftId::numbered(static_cast<std::uint64_t>(row.id)),
                    user.assume_value(),
                    *objective,
                    store.assume_value(),
                    *status,
                    created_at};
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
