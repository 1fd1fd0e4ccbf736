// Any bytes as a value that the cache gives back.
#include <event_draft/cache_entry.hpp>

#include <array>
#include <chrono>
#include <optional>
#include <string_view>

#include <event_draft/steps.hpp>

#include "fuzz.hpp"

using namespace event_draft;
using fuzz::expect;
using namespace std::chrono_literals;

namespace {

UserId user(std::int64_t value) { return UserId::make(value).value(); }

bool is_consistent(const steps::Looked& looked) {
  return (looked.outcome == StepOutcome::hit) == looked.draft.has_value();
}

void check_in_progress(std::string_view value, const std::optional<EventDraft>& draft, UserId asking, Timestamp now) {
  const auto looked = steps::judge_in_progress(value, asking, now);
  expect(is_consistent(looked), "a hit, and nothing else, gives a draft");
  if (!looked.draft) return;
  expect(looked.draft == draft, "the draft is the one that was cached");
  expect(looked.draft->user_id == asking, "nobody gets another's draft");
  expect(looked.draft->status == DraftStatus::draft, "an approved draft is in progress no more");
  expect(std::chrono::abs(now - looked.draft->created_at) < in_progress_window, "no draft past its window");
}

void check_cached(std::string_view value, const std::optional<EventDraft>& draft, const DraftId& id, UserId asking) {
  const auto looked = steps::judge_cached(value, id, asking);
  expect(is_consistent(looked), "a hit, and nothing else, gives a draft");
  if (!looked.draft) return;
  expect(looked.draft == draft, "the draft is the one that was cached");
  expect(looked.draft->user_id == asking && looked.draft->id == id, "nobody gets another's draft, nor another draft");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view value = fuzz::text_of(data, size);
  const auto draft = decode_cache_entry(value);
  if (draft) {
    expect(encode_cache_entry(*draft).view() == value, "a value is written in one way only");
    expect(steps::judge_cached(value, draft->id, draft->user_id).draft == draft, "its owner gets it");
  }

  const Timestamp created = draft ? draft->created_at : Timestamp{};
  const UserId owner = draft ? draft->user_id : user(1);
  const UserId other = user(owner.value() == 1 ? 2 : owner.value() - 1);
  const DraftId id = draft ? draft->id : DraftId::numbered(1);
  for (const UserId asking : {owner, other}) {
    for (const auto ago : {-30min, 0min, 29min, 30min}) {
      check_in_progress(value, draft, asking, created + ago);
    }
    for (const DraftId& asked : {id, DraftId::numbered(2)}) {
      check_cached(value, draft, asked, asking);
    }
  }
  return 0;
}
