// A row of `drafts` as a database may give it: id|user|objective|status|created at|store name|industry|address.
#include "adapters/sqlite/draft_row.hpp"

#include <optional>
#include <string_view>

#include <event_draft/cache_entry.hpp>

#include "fuzz.hpp"

using namespace event_draft;
using fuzz::expect;

namespace {

sqlite::DraftRow row_of(std::string_view input) {
  const auto field = fuzz::fields_of<8>(input);
  return {.id = fuzz::number_of(field[0]),
          .user_id = fuzz::number_of(field[1]),
          .objective = field[2],
          .store_name = field[5],
          .industry = field[6],
          .address = field[7],
          .status = field[3],
          .created_at = fuzz::number_of(field[4])};
}

/// Nothing is made up and nothing is lost: the draft says what the row does.
void compare(const EventDraft& draft, const sqlite::DraftRow& row) {
  expect(sqlite::row_id(draft.id) == row.id, "the id leads back to the row");
  expect(draft.user_id.value() == row.user_id, "the same user");
  expect(to_string(draft.objective) == row.objective, "the same objective");
  expect(draft.store.name() == row.store_name, "the same store name");
  expect(draft.store.industry() == row.industry, "the same industry");
  expect(draft.store.address() == row.address, "the same address");
  expect(to_string(draft.status) == row.status, "the same status");
  expect(draft.created_at.time_since_epoch().count() == row.created_at, "the same time");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = fuzz::text_of(data, size);
  const sqlite::DraftRow row = row_of(input);
  if (const auto draft = sqlite::decode(row)) {
    compare(*draft, row);
    const CacheEntry entry = encode_cache_entry(*draft);
    expect(entry.complete() && decode_cache_entry(entry.view()) == draft, "what the database gives can be cached");
  }
  if (const auto id = DraftId::parse(input)) {
    const auto number = sqlite::row_id(*id);
    if (number) expect(*number > 0 && DraftId::numbered(static_cast<std::uint64_t>(*number)) == *id, "its own id");
  }
  return 0;
}
