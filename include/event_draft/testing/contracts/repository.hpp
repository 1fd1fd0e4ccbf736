#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <event_draft/ports.hpp>
#include <event_draft/testing/contracts/law.hpp>

// What every DraftRepository does.
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
std::optional<EventDraft> find(Harness& harness, const DraftId& id) {
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
  DOCTEST_CHECK(find(harness, stored.id) == stored);
}

template <class Harness>
void saved_draft_is_found() {
  Harness harness;
  comes_back(harness, draft_of(123));
}

template <class Harness>
void ids_are_well_formed_and_distinct() {
  Harness harness;
  std::set<DraftId> ids;
  for (std::int64_t user = 1; user <= 20; ++user) {
    const DraftId id = insert(harness, draft_of(user)).id;
    DOCTEST_CHECK(DraftId::parse(id.view()) == id);
    ids.insert(id);
  }
  DOCTEST_CHECK(ids.size() == 20);
}

template <class Harness>
void unknown_ids_are_not_found() {
  Harness harness;
  insert(harness, draft_of(123));
  for (const std::string& id :
       {std::string{"draft-0"}, std::string{"draft-999999999"}, std::string{"draft-9223372036854775808"},
        std::string{"draft-01"}, std::string{"draft--1"}, std::string{"draft-1x"}, std::string{"draft-_"},
        "draft-" + std::string(58, '9'), "draft-" + std::string(58, 'z')}) {
    DOCTEST_CAPTURE(id);
    DOCTEST_CHECK(find(harness, *DraftId::parse(id)) == std::nullopt);
  }
}

template <class Harness>
void every_objective_comes_back() {
  Harness harness;
  std::int64_t user = 0;
  for (const Objective objective : all_objectives) {
    NewEventDraft draft = draft_of(++user);
    draft.objective = objective;
    comes_back(harness, draft);
  }
}

template <class Harness>
void text_of_any_length_comes_back() {
  Harness harness;
  std::int64_t user = 0;
  for (const std::string_view letter : {"a", "é", "집", "\xF0\x9F\x8D\x9C"}) {
    for (const bool longest : {false, true}) {
      NewEventDraft draft = draft_of(++user);
      const auto text = [&](std::size_t limit) { return repeated(letter, longest ? limit : 1); };
      draft.store =
          StoreInfo::make(text(StoreInfo::max_name), text(StoreInfo::max_industry), text(StoreInfo::max_address))
              .value();
      comes_back(harness, draft);
    }
  }
}

template <class Harness>
void awkward_text_comes_back() {
  Harness harness;
  std::int64_t user = 0;
  for (const std::string_view text :
       {"'", "\"", "\\", "\\'\\\"\\\\", "''; DROP TABLE drafts; --", "$1 ?1 :x %s {}", "{1,\"2\",NULL}", "NULL", "null",
        "0x00", "\\x00", "1e5", " leading and trailing ", "a\xE2\x80\xA8separated", "\xEF\xBB\xBFmarked",
        "\xE2\x80\xAEright to left"}) {
    DOCTEST_CAPTURE(text);
    NewEventDraft draft = draft_of(++user);
    draft.store = StoreInfo::make(text, text, text).value();
    comes_back(harness, draft);
  }
}

template <class Harness>
void spelling_is_kept() {
  Harness harness;
  const EventDraft composed = insert(harness, draft_of(1, "\xEC\xA7\x91"));                            // 집 in NFC
  const EventDraft decomposed = insert(harness, draft_of(2, "\xE1\x84\x8C\xE1\x85\xB5\xE1\x86\xB8"));  // and in NFD
  DOCTEST_CHECK(find(harness, composed.id) == composed);
  DOCTEST_CHECK(find(harness, decomposed.id) == decomposed);
}

template <class Harness>
void smallest_and_largest_users_serve() {
  Harness harness;
  comes_back(harness, draft_of(1));
  comes_back(harness, draft_of(std::numeric_limits<std::int64_t>::max()));
  comes_back(harness, draft_of(std::numeric_limits<std::int64_t>::max() - 1));
}

template <class Harness>
void created_at_keeps_its_milliseconds() {
  Harness harness;
  std::int64_t user = 0;
  for (const std::string_view time :
       {"1970-01-01T00:00:00.000Z", "1970-01-01T00:00:00.001Z", "2026-11-23T09:00:00.123Z", "2028-02-29T23:59:59.999Z",
        "2100-12-31T12:34:56.789Z", "9999-12-31T23:59:59.999Z"}) {
    NewEventDraft draft = draft_of(++user);
    draft.created_at = *parse_timestamp(time);
    comes_back(harness, draft);
  }
}

template <class Harness>
void second_save_gets_the_holder() {
  Harness harness;
  const EventDraft holder = insert(harness, draft_of(123, "first"));
  NewEventDraft other = draft_of(123, "second");
  other.objective = Objective::brand_awareness;
  other.created_at += std::chrono::minutes{1};
  kept_out(harness, other, holder);
  kept_out(harness, other, holder);
  DOCTEST_CHECK(find(harness, holder.id) == holder);
}

template <class Harness>
void retried_save_gives_the_same_draft() {
  Harness harness;
  const NewEventDraft draft = draft_of(123);
  const EventDraft first = insert(harness, draft);
  kept_out(harness, draft, first);
}

template <class Harness>
void users_are_independent() {
  Harness harness;
  const EventDraft one = insert(harness, draft_of(1, "one"));
  const EventDraft two = insert(harness, draft_of(2, "two"));
  kept_out(harness, draft_of(1, "again"), one);
  kept_out(harness, draft_of(2, "again"), two);
}

template <class Harness>
void window_ends() {
  Harness harness;
  NewEventDraft draft = draft_of(123, "first");
  draft.window = short_window;
  const EventDraft first = insert(harness, draft);
  harness.pass(past_short_window);
  const EventDraft second = insert(harness, draft_of(123, "second"));
  DOCTEST_CHECK(second.id != first.id);
  DOCTEST_CHECK(find(harness, first.id) == first);
  kept_out(harness, draft_of(123, "third"), second);
}

template <class Harness>
void windows_are_as_long_as_asked() {
  Harness harness;
  NewEventDraft brief = draft_of(1);
  brief.window = short_window;
  insert(harness, brief);
  const EventDraft lasting = insert(harness, draft_of(2));
  harness.pass(past_short_window);
  insert(harness, draft_of(1, "after the window"));
  kept_out(harness, draft_of(2, "within the window"), lasting);
}

template <class Harness>
void window_counts_from_the_save() {  // not from created_at, which is another clock's
  Harness harness;
  NewEventDraft old = draft_of(1);
  old.created_at = *parse_timestamp("1999-12-31T00:00:00.000Z");
  const EventDraft holder = insert(harness, old);
  kept_out(harness, draft_of(1, "second"), holder);
  NewEventDraft future = draft_of(2);
  future.created_at = *parse_timestamp("2999-12-31T00:00:00.000Z");
  future.window = short_window;
  insert(harness, future);
  harness.pass(past_short_window);
  insert(harness, draft_of(2, "second"));
}

template <class Harness>
void replacement_takes_the_window() {
  Harness harness;
  const EventDraft first = insert(harness, draft_of(123, "first"));
  const EventDraft second = insert(harness, replacing(first, "second"));
  DOCTEST_CHECK(second.id != first.id);
  kept_out(harness, draft_of(123, "third"), second);
  const EventDraft third = insert(harness, replacing(second, "third"));
  kept_out(harness, draft_of(123, "fourth"), third);
}

template <class Harness>
void replaced_draft_is_still_found() {
  Harness harness;
  const EventDraft first = insert(harness, draft_of(123, "first"));
  const EventDraft second = insert(harness, replacing(first, "second"));
  DOCTEST_CHECK(find(harness, first.id) == first);
  DOCTEST_CHECK(find(harness, second.id) == second);
}

template <class Harness>
void replaced_draft_has_no_window_to_pass_on() {
  Harness harness;
  const EventDraft first = insert(harness, draft_of(123, "first"));
  const EventDraft second = insert(harness, replacing(first, "second"));
  kept_out(harness, replacing(first, "too late"), second);
}

template <class Harness>
void foreign_draft_has_no_window_to_pass_on() {
  Harness harness;
  const EventDraft own = insert(harness, draft_of(1));
  const EventDraft foreign = insert(harness, draft_of(2));
  NewEventDraft draft = draft_of(1, "second");
  draft.replaces = foreign.id;
  kept_out(harness, draft, own);
  draft.replaces = DraftId::parse("draft-no-such");
  kept_out(harness, draft, own);
  kept_out(harness, draft_of(2, "second"), foreign);
}

template <class Harness>
void replacement_needs_no_window() {
  Harness harness;
  NewEventDraft never_saved = draft_of(1);
  never_saved.replaces = DraftId::parse("draft-no-such");
  insert(harness, never_saved);
  NewEventDraft brief = draft_of(2);
  brief.window = short_window;
  const EventDraft first = insert(harness, brief);
  harness.pass(past_short_window);
  insert(harness, replacing(first, "after the window"));
}

template <class Harness>
void replacement_has_its_own_window() {
  Harness harness;
  NewEventDraft lasting = draft_of(1);
  const EventDraft first = insert(harness, lasting);
  NewEventDraft brief = replacing(first, "second");
  brief.window = short_window;
  insert(harness, brief);
  harness.pass(past_short_window);
  const EventDraft third = insert(harness, draft_of(1, "third"));
  kept_out(harness, draft_of(1, "fourth"), third);
}

template <class Harness>
void expired_save_stores_nothing() {
  Harness harness;
  const NewEventDraft draft = draft_of(123, "refused");
  refuses_when_expired([&] { return harness.port().save(draft, harness.expired()); });
  const EventDraft stored = insert(harness, draft_of(123, "stored"));
  refuses_when_expired([&] { return harness.port().save(replacing(stored, "refused"), harness.expired()); });
  kept_out(harness, draft_of(123, "kept out"), stored);
}

template <class Harness>
void expired_find_is_refused() {
  Harness harness;
  const EventDraft stored = insert(harness, draft_of(123));
  refuses_when_expired([&] { return harness.port().find(stored.id, harness.expired()); });
  DOCTEST_CHECK(find(harness, stored.id) == stored);
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

template <class Harness>
void threads_of_one_user_get_one_draft() {
  Harness harness;
  const auto outcomes = at_once(threads, [&](std::size_t thread) {
    return harness.port().save(draft_of(123, "store " + std::to_string(thread)), harness.deadline());
  });
  agree(outcomes, 1, 1);
  const EventDraft& winner = outcomes.front()->assume_value().draft;
  for (const auto& outcome : outcomes) DOCTEST_CHECK(outcome->assume_value().draft == winner);
  DOCTEST_CHECK(find(harness, winner.id) == winner);
}

template <class Harness>
void threads_of_many_users_get_each_their_own() {
  Harness harness;
  const auto user_of = [](std::size_t thread) { return static_cast<std::int64_t>(thread) + 1; };
  const auto outcomes = at_once(threads, [&](std::size_t thread) {
    return harness.port().save(draft_of(user_of(thread), "store " + std::to_string(thread)), harness.deadline());
  });
  agree(outcomes, threads, threads);
  for (std::size_t thread = 0; thread != threads; ++thread) {
    const EventDraft& draft = outcomes[thread]->assume_value().draft;
    DOCTEST_CHECK(draft == with_id(draft_of(user_of(thread), "store " + std::to_string(thread)), draft.id));
    DOCTEST_CHECK(find(harness, draft.id) == draft);
  }
}

template <class Harness>
void one_replacement_wins() {
  Harness harness;
  const EventDraft first = insert(harness, draft_of(123, "first"));
  const auto outcomes = at_once(threads, [&](std::size_t thread) {
    return harness.port().save(replacing(first, "store " + std::to_string(thread)), harness.deadline());
  });
  agree(outcomes, 1, 1);
  const EventDraft& winner = outcomes.front()->assume_value().draft;
  DOCTEST_CHECK(winner.id != first.id);
  kept_out(harness, draft_of(123, "later"), winner);
}

template <class Harness>
void drafts_survive_a_restart() {
  restarting<Harness>([](auto& harness) {
    const EventDraft one = insert(harness, draft_of(1, "맛있는집 \xF0\x9F\x8D\x9C"));
    const EventDraft two = insert(harness, draft_of(2));
    harness.reopen();
    DOCTEST_CHECK(find(harness, one.id) == one);
    DOCTEST_CHECK(find(harness, two.id) == two);
  });
}

template <class Harness>
void windows_survive_a_restart() {
  restarting<Harness>([](auto& harness) {
    const EventDraft holder = insert(harness, draft_of(123, "first"));
    harness.reopen();
    kept_out(harness, draft_of(123, "second"), holder);
    const EventDraft second = insert(harness, replacing(holder, "second"));
    harness.reopen();
    kept_out(harness, draft_of(123, "third"), second);
  });
}

template <class Harness>
void ids_are_never_given_again() {
  restarting<Harness>([](auto& harness) {
    std::set<DraftId> ids;
    for (std::int64_t user = 1; user <= 5; ++user) {
      ids.insert(insert(harness, draft_of(user)).id);
      harness.reopen();
    }
    DOCTEST_CHECK(ids.size() == 5);
  });
}

}  // namespace event_draft::testing::contracts::repository_laws

#define EVENT_DRAFT_REPOSITORY_LAW(Harness, text, law) \
  EVENT_DRAFT_LAW("repository", Harness, text, repository_laws::law)

/// Runs the DraftRepository contract over a harness, at namespace scope.
#define EVENT_DRAFT_REPOSITORY_CONTRACT(Harness)                                                                       \
  static_assert(::event_draft::testing::ContractHarness<Harness>);                                                     \
  EVENT_DRAFT_REPOSITORY_LAW(Harness, "a saved draft is found", saved_draft_is_found)                                  \
  EVENT_DRAFT_REPOSITORY_LAW(Harness, "ids are well-formed and distinct", ids_are_well_formed_and_distinct)            \
  EVENT_DRAFT_REPOSITORY_LAW(Harness, "unknown ids are not found", unknown_ids_are_not_found)                          \
  EVENT_DRAFT_REPOSITORY_LAW(Harness, "every objective comes back", every_objective_comes_back)                        \
  EVENT_DRAFT_REPOSITORY_LAW(Harness, "the shortest and the longest text come back", text_of_any_length_comes_back)    \
  EVENT_DRAFT_REPOSITORY_LAW(Harness, "quotes, escapes and SQL come back as they are", awkward_text_comes_back)        \
  EVENT_DRAFT_REPOSITORY_LAW(Harness, "NFC and NFD are kept as they are", spelling_is_kept)                            \
  EVENT_DRAFT_REPOSITORY_LAW(Harness, "the smallest and the largest user ids serve", smallest_and_largest_users_serve) \
  EVENT_DRAFT_REPOSITORY_LAW(Harness, "createdAt keeps its milliseconds", created_at_keeps_its_milliseconds)           \
  EVENT_DRAFT_REPOSITORY_LAW(Harness, "a second save gets the draft that holds the window",                            \
                             second_save_gets_the_holder)                                                              \
  EVENT_DRAFT_REPOSITORY_LAW(Harness, "a save that is tried again gives the same draft",                               \
                             retried_save_gives_the_same_draft)                                                        \
  EVENT_DRAFT_REPOSITORY_LAW(Harness, "users are independent", users_are_independent)                                  \
  EVENT_DRAFT_REPOSITORY_LAW(Harness, "after the window there is a new draft", window_ends)                            \
  EVENT_DRAFT_REPOSITORY_LAW(Harness, "a window is as long as was asked", windows_are_as_long_as_asked)                \
  EVENT_DRAFT_REPOSITORY_LAW(Harness, "a window counts from the save", window_counts_from_the_save)                    \
  EVENT_DRAFT_REPOSITORY_LAW(Harness, "a replacement takes the window", replacement_takes_the_window)                  \
  EVENT_DRAFT_REPOSITORY_LAW(Harness, "a replaced draft is still found", replaced_draft_is_still_found)                \
  EVENT_DRAFT_REPOSITORY_LAW(Harness, "a replaced draft has no window to pass on",                                     \
                             replaced_draft_has_no_window_to_pass_on)                                                  \
  EVENT_DRAFT_REPOSITORY_LAW(Harness, "a foreign draft has no window to pass on",                                      \
                             foreign_draft_has_no_window_to_pass_on)                                                   \
  EVENT_DRAFT_REPOSITORY_LAW(Harness, "a replacement needs no window to take", replacement_needs_no_window)            \
  EVENT_DRAFT_REPOSITORY_LAW(Harness, "a replacement has a window of its own", replacement_has_its_own_window)         \
  EVENT_DRAFT_REPOSITORY_LAW(Harness, "a save past its deadline stores nothing", expired_save_stores_nothing)          \
  EVENT_DRAFT_REPOSITORY_LAW(Harness, "a find past its deadline is refused", expired_find_is_refused)                  \
  EVENT_DRAFT_REPOSITORY_LAW(Harness, "threads of one user get one draft", threads_of_one_user_get_one_draft)          \
  EVENT_DRAFT_REPOSITORY_LAW(Harness, "threads of many users get each their own",                                      \
                             threads_of_many_users_get_each_their_own)                                                 \
  EVENT_DRAFT_REPOSITORY_LAW(Harness, "of many replacements of one draft one wins", one_replacement_wins)              \
  EVENT_DRAFT_REPOSITORY_LAW(Harness, "drafts survive a restart", drafts_survive_a_restart)                            \
  EVENT_DRAFT_REPOSITORY_LAW(Harness, "windows survive a restart", windows_survive_a_restart)                          \
  EVENT_DRAFT_REPOSITORY_LAW(Harness, "ids are never given again, after restarts too", ids_are_never_given_again)      \
  static_assert(true)
