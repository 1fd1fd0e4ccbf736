#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <event_draft/ports.hpp>
#include <event_draft/testing/contracts/law.hpp>

// What the laws of repositories do and compare.
namespace event_draft::testing::contracts::repository_laws {

using std::chrono::milliseconds;

inline constexpr milliseconds short_window{150};
inline constexpr milliseconds past_short_window{200};

inline NewEventDraft draft_of(std::int64_t user, std::string_view store_name = "맛있는집") {
  NewEventDraft draft = sample_new_draft(user);
  draft.store = StoreInfo::make(store_name, "음식점", "서울시 강남구").value();
  return draft;
}

inline NewEventDraft replacing(const EventDraft& replaced, std::string_view store_name) {
  NewEventDraft draft = draft_of(replaced.user_id.value(), store_name);
  draft.replaces = replaced.id;
  return draft;
}

inline std::string repeated(std::string_view text, std::size_t count) {
  std::string all;
  while (count-- != 0) all += text;
  return all;
}

template <class Harness>
SavedDraft save(Harness& harness, const NewEventDraft& draft) {
  const Result<SavedDraft> saved = harness.port().save(draft, harness.deadline());
  DOCTEST_REQUIRE(saved);
  return saved.assume_value();
}

/// Saves a draft that nothing keeps out.
template <class Harness>
EventDraft insert(Harness& harness, const NewEventDraft& draft) {
  const SavedDraft saved = save(harness, draft);
  DOCTEST_CHECK(saved.inserted);
  DOCTEST_CHECK(saved.draft == with_id(draft, saved.draft.id));
  return saved.draft;
}

template <class Harness>
std::optional<EventDraft> stored_draft(Harness& harness, const DraftId& id) {
  const Result<std::optional<EventDraft>> found = harness.port().find(id, harness.deadline());
  DOCTEST_REQUIRE(found);
  return found.assume_value();
}

/// Saves a draft that must not take the window from `holder`.
template <class Harness>
void kept_out(Harness& harness, const NewEventDraft& draft, const EventDraft& holder) {
  DOCTEST_CHECK(save(harness, draft) == SavedDraft{holder, false});
}

/// Saves the draft and finds it, letter by letter.
template <class Harness>
void comes_back(Harness& harness, const NewEventDraft& draft) {
  const EventDraft stored = insert(harness, draft);
  DOCTEST_CHECK(stored_draft(harness, stored.id) == stored);
}

inline constexpr std::size_t threads = 50;

using Outcomes = std::vector<std::optional<Result<SavedDraft>>>;

/// What the threads got: no failure, and so many drafts of how many ids.
inline void agree(const Outcomes& outcomes, std::size_t inserted, std::size_t distinct) {
  std::set<DraftId> ids;
  std::size_t insertions = 0;
  for (const auto& outcome : outcomes) {
    DOCTEST_REQUIRE(*outcome);
    ids.insert(outcome->assume_value().draft.id);
    insertions += outcome->assume_value().inserted ? 1U : 0U;
  }
  DOCTEST_CHECK(insertions == inserted);
  DOCTEST_CHECK(ids.size() == distinct);
}

}  // namespace event_draft::testing::contracts::repository_laws
