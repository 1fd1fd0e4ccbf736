#include "outbox_row.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "draft_row.hpp"

namespace event_draft::postgres {
namespace {

std::optional<EventId> event_id(Value draft, Value type) noexcept {
  const std::int64_t number = integer(draft).value_or(0);
  const auto known = parse_event_type(text(type));
  if (number <= 0 || !known) return std::nullopt;
  return EventId{DraftId::numbered(static_cast<std::uint64_t>(number)), *known};
}

int as_int(Value field) noexcept {
  return static_cast<int>(std::clamp<std::int64_t>(integer(field).value_or(0), 0, std::numeric_limits<int>::max()));
}

std::int64_t not_negative(Value field) noexcept { return std::max<std::int64_t>(integer(field).value_or(0), 0); }

}  // namespace

std::optional<LeasedEvent> decode(const ClaimedFields& row) noexcept {
  const auto& [draft, type, occurred, trace_text, attempts, lease, user_id, objective_text, created] = row;
  const auto id = event_id(draft, type);
  const auto user = UserId::make(integer(user_id).value_or(0));
  const auto objective = parse_stored_objective(text(objective_text));
  const auto created_at = time(created);
  const auto occurred_at = time(occurred);
  const auto trace = trace_text ? TraceParent::parse(*trace_text) : std::nullopt;
  const auto token = integer(lease);
  if (!id || !user || !objective || !created_at || !occurred_at || trace.has_value() != trace_text.has_value() ||
      !token)
    return std::nullopt;
  const std::int64_t count = integer(attempts).value_or(0);
  if (count <= 0 || count > std::numeric_limits<int>::max()) return std::nullopt;
  return LeasedEvent{{*id, user.assume_value(), *objective, *created_at, *occurred_at, trace},
                     LeaseToken{*token},
                     static_cast<int>(count)};
}

std::optional<ParkedEvent> decode(const ParkedFields& row) noexcept {
  const auto& [draft, type, attempts, reason, parked_at] = row;
  const auto id = event_id(draft, type);
  if (!id) return std::nullopt;
  return ParkedEvent{*id, as_int(attempts), parse_reason(text(reason)), time(parked_at).value_or(Timestamp{})};
}

OutboxStats decode_stats(const std::array<Value, 4>& row) noexcept {
  const auto& [pending, age, attempts, parked] = row;
  return {static_cast<std::size_t>(not_negative(pending)), std::chrono::milliseconds{not_negative(age)},
          as_int(attempts), static_cast<std::size_t>(not_negative(parked))};
}

Errc parse_reason(std::string_view text) noexcept {
  for (auto code = Errc::invalid_objective; code != Errc::internal_error;
       code = static_cast<Errc>(static_cast<int>(code) + 1)) {
    if (text == wire_code(code)) return code;
  }
  return Errc::internal_error;
}

std::string row_name(std::int64_t draft, std::string_view type) {
  std::string shown{type.substr(0, 40)};
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return fmt::format("{}{}.{}", DraftId::prefix, draft, shown);
}

}  // namespace event_draft::postgres
