// Rows of `outbox` as a server may send them: draft|type|occurred at|attempts|lease|user|created at|trace|objective, times in
// microseconds since 2000. The same fields are read as the row of a parked event and as the outbox's figures, too: the
// objective is the reason. postgres_row.hpp says what else a field can be.
#include "adapters/postgres/outbox_row.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <string_view>

#include "adapters/postgres/draft_row.hpp"
#include "fuzz.hpp"
#include "postgres_row.hpp"
#include "told.hpp"

using namespace event_draft;
using fuzz::Column;
using fuzz::expect;
using fuzz::is_written_as;

namespace {

/// Nothing is made up and nothing is lost: written again, the event is the row.
void compare(const LeasedEvent& leased, const postgres::ClaimedFields& row) {
  const DraftEvent& event = leased.event;
  const auto trace = event.trace ? std::optional{event.trace->view()} : std::nullopt;
  const postgres::Parameters written{postgres::row_id(event.id.draft_id),
                                     to_string(event.id.type),
                                     trace,
                                     std::int64_t{leased.attempts},
                                     static_cast<std::int64_t>(leased.token),
                                     event.user_id.value(),
                                     to_string(event.objective)};
  const std::array<std::size_t, 7> columns{0, 1, 3, 4, 5, 6, 7};
  for (std::size_t i = 0; i != columns.size(); ++i)
    expect(is_written_as(written, i, row[columns[i]]), "it is written as it was read");
  expect(is_written_as(event.occurred_at, row[2]), "the same time");
  expect(is_written_as(event.created_at, row[8]), "the draft's own time");
  expect(leased.attempts > 0, "this attempt counts");
}

void compare(const ParkedEvent& parked, const postgres::ParkedFields& row) {
  const postgres::Parameters written{postgres::row_id(parked.id.draft_id), to_string(parked.id.type)};
  expect(is_written_as(written, 0, row[0]) && is_written_as(written, 1, row[1]), "it can be named to the server");
  expect(parse_event_id(to_text(parked.id)) == parked.id, "and by a person");
  expect(parked.attempts >= 0, "attempts are never negative");
  if (parked.reason != Errc::internal_error)
    expect(wire_code(parked.reason) == postgres::text(row[3]), "a reason is read as it was written");
  if (parked.parked_at != Timestamp{}) expect(is_written_as(parked.parked_at, row[4]), "the same time");
}

/// A line of a log has room for it, whatever it is.
void check_name(const postgres::ParkedFields& row) {
  const std::string name = postgres::row_name(postgres::integer(row[0]).value_or(0), postgres::text(row[1]));
  expect(name.size() < 100 && std::ranges::all_of(name, [](char c) { return c >= ' ' && c <= '~'; }), "a short line");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto [draft, type, occurred, attempts, lease, user, created, trace, objective] =
      fuzz::fields_of<9>(fuzz::text_of(data, size));
  constexpr Column number = Column::number;
  constexpr Column text = Column::text;

  const postgres::Rows claimed =
      fuzz::row_of<9>({draft, type, occurred, trace, attempts, lease, user, objective, created},
                      {number, text, number, text, number, number, number, text, number});
  if (const auto leased = postgres::decode(claimed.fields<9>(0))) {
    compare(*leased, claimed.fields<9>(0));
    fuzz::check_message(leased->event);
  }

  const postgres::Rows parked =
      fuzz::row_of<5>({draft, type, attempts, objective, occurred}, {number, text, number, text, number});
  const postgres::ParkedFields row = parked.fields<5>(0);
  if (const auto event = postgres::decode(row)) compare(*event, row);
  check_name(row);

  const postgres::Rows figures = fuzz::row_of<4>({draft, created, attempts, lease}, {number, number, number, number});
  const OutboxStats stats = postgres::decode_stats(figures.fields<4>(0));
  constexpr std::size_t most = std::numeric_limits<std::int64_t>::max();
  expect(stats.pending <= most && stats.parked <= most && stats.oldest_pending.count() >= 0 && stats.most_attempts >= 0,
         "figures are never negative");
  return 0;
}
