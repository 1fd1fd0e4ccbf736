// A row of `outbox` as a database may give it: draft|type|occurred at|attempts|user|created at|trace|objective. A trace of
// `-` is null.
#include "adapters/sqlite/outbox_row.hpp"

#include <optional>
#include <string_view>

#include "fuzz.hpp"
#include "told.hpp"

using namespace event_draft;
using fuzz::expect;

namespace {

sqlite::OutboxRow row_of(std::string_view input) {
  const auto field = fuzz::fields_of<8>(input);
  return {.draft_id = fuzz::number_of(field[0]),
          .type = field[1],
          .occurred_at = fuzz::number_of(field[2]),
          .trace = field[6] == "-" ? std::nullopt : std::optional{field[6]},
          .attempts = fuzz::number_of(field[3]),
          .user_id = fuzz::number_of(field[4]),
          .objective = field[7],
          .created_at = fuzz::number_of(field[5])};
}

/// Nothing is made up and nothing is lost: the event says what the row does.
void compare(const LeasedEvent& leased, const sqlite::OutboxRow& row) {
  const DraftEvent& event = leased.event;
  expect(event.id.draft_id == DraftId::numbered(static_cast<std::uint64_t>(row.draft_id)), "the same draft");
  expect(to_string(event.id.type) == row.type, "the same type");
  expect(event.occurred_at.time_since_epoch().count() == row.occurred_at, "the same time");
  expect(event.created_at.time_since_epoch().count() == row.created_at, "the draft's own time");
  expect(event.user_id.value() == row.user_id, "the same user");
  expect(to_string(event.objective) == row.objective, "the same objective");
  expect(event.trace.has_value() == row.trace.has_value(), "a trace exactly where there is one");
  if (event.trace) expect(event.trace->view() == *row.trace, "the same trace");
  expect(leased.attempts == row.attempts && leased.token == LeaseToken{}, "not claimed yet");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const sqlite::OutboxRow row = row_of(fuzz::text_of(data, size));
  if (const auto leased = sqlite::decode(row)) {
    compare(*leased, row);
    fuzz::check_message(leased->event);
  }
  const Errc reason = sqlite::parse_reason(row.objective);
  if (reason != Errc::internal_error) expect(to_string(reason) == row.objective, "a reason is read as it was written");
  const auto id = sqlite::event_id(row.draft_id, row.type);
  if (id) expect(parse_event_id(to_text(*id)) == id, "a row's name is an event id");
  return 0;
}
