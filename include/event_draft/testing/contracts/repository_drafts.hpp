#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <string_view>

#include <event_draft/testing/contracts/repository_steps.hpp>

// What every DraftRepository keeps: each draft as it was saved, under an id of its own.
namespace event_draft::testing::contracts::repository_laws {

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
    DOCTEST_CHECK(stored_draft(harness, *DraftId::parse(id)) == std::nullopt);
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
  DOCTEST_CHECK(stored_draft(harness, composed.id) == composed);
  DOCTEST_CHECK(stored_draft(harness, decomposed.id) == decomposed);
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
  DOCTEST_CHECK(stored_draft(harness, stored.id) == stored);
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
    DOCTEST_CHECK(stored_draft(harness, draft.id) == draft);
  }
}

template <class Harness>
void drafts_survive_a_restart() {
  restarting<Harness>([](auto& harness) {
    const EventDraft one = insert(harness, draft_of(1, "맛있는집 \xF0\x9F\x8D\x9C"));
    const EventDraft two = insert(harness, draft_of(2));
    harness.reopen();
    DOCTEST_CHECK(stored_draft(harness, one.id) == one);
    DOCTEST_CHECK(stored_draft(harness, two.id) == two);
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
