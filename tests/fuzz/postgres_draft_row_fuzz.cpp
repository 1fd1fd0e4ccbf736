// A row of `drafts` as a server may send it: id|user|objective|status|created at|store name|industry|address, the time in
// microseconds since 2000. postgres_row.hpp says what else a field can be.
#include "adapters/postgres/draft_row.hpp"

#include <array>
#include <optional>
#include <string_view>

#include <event_draft/cache_entry.hpp>

#include "fuzz.hpp"
#include "postgres_row.hpp"

using namespace event_draft;
using fuzz::Column;
using fuzz::expect;

namespace {

/// As `find` selects it, behind the two columns that `save` has before it.
postgres::Rows rows_of(std::string_view input) {
  const auto [id, user, objective, status, created, name, industry, address] = fuzz::fields_of<8>(input);
  return fuzz::row_of<10>({"1", id, id, user, objective, name, industry, address, status, created},
                          {Column::text, Column::number, Column::number, Column::number, Column::text, Column::text,
                           Column::text, Column::text, Column::text, Column::number});
}

/// Nothing is made up and nothing is lost: written again, the draft is the row.
void compare(const EventDraft& draft, const postgres::DraftFields& row) {
  const StoreInfo& store = draft.store;
  const postgres::Parameters written{
      postgres::row_id(draft.id), draft.user_id.value(), to_string(draft.objective), store.name(),
      store.industry(),           store.address(),       to_string(draft.status)};
  for (std::size_t i = 0; i != 7; ++i) expect(fuzz::is_written_as(written, i, row[i]), "it is written as it was read");
  expect(fuzz::is_written_as(draft.created_at, row[7]), "the same time");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = fuzz::text_of(data, size);
  const postgres::Rows rows = rows_of(input);
  expect(rows.size() == 1 && rows.status() == PGRES_TUPLES_OK, "one row");
  const auto row = rows.fields<8>(0, 2);
  if (const auto draft = postgres::decode(row)) {
    compare(*draft, row);
    const CacheEntry entry = encode_cache_entry(*draft);
    expect(entry.complete() && decode_cache_entry(entry.view()) == draft, "what the database gives can be cached");
  }
  if (const auto id = DraftId::parse(input)) {
    const auto number = postgres::row_id(*id);
    if (number) expect(*number > 0 && DraftId::numbered(static_cast<std::uint64_t>(*number)) == *id, "its own id");
  }
  return 0;
}
