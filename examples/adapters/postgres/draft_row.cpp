#include "draft_row.hpp"

#include <charconv>
#include <system_error>

namespace event_draft::postgres {

std::optional<EventDraft> decode(const DraftFields& row) noexcept {
  const auto& [id, user_id, objective_text, store_name, industry, address, status_text, created] = row;
  const std::int64_t number = integer(id).value_or(0);
  const auto user = UserId::make(integer(user_id).value_or(0));
  const auto objective = parse_stored_objective(text(objective_text));
  const auto store = StoreInfo::make(text(store_name), text(industry), text(address));
  const auto status = parse_draft_status(text(status_text));
  const auto created_at = time(created);
  if (number <= 0 || !user || !objective || !store || !status || !created_at) return std::nullopt;
  return EventDraft{DraftId::numbered(static_cast<std::uint64_t>(number)),
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

std::optional<std::int64_t> row_id(const DraftId& id) noexcept {
  const std::string_view digits = id.view().substr(DraftId::prefix.size());
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || number <= 0) return std::nullopt;
  if (DraftId::numbered(static_cast<std::uint64_t>(number)) != id) return std::nullopt;  // a leading zero, or a rest
  return number;
}

}  // namespace event_draft::postgres
