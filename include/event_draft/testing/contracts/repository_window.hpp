#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include <event_draft/testing/contracts/repository_steps.hpp>

// Whom every DraftRepository lets have a draft in progress: one a user, for as long as the window is.
namespace event_draft::testing::contracts::repository_laws {

template <class Harness>
void second_save_gets_the_holder() {
  Harness harness;
  const EventDraft holder = insert(harness, draft_of(123, "first"));
  NewEventDraft other = draft_of(123, "second");
  other.objective = Objective::brand_awareness;
  other.created_at += std::chrono::minutes{1};
  kept_out(harness, other, holder);
  kept_out(harness, other, holder);
  DOCTEST_CHECK(stored_draft(harness, holder.id) == holder);
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
  DOCTEST_CHECK(stored_draft(harness, first.id) == first);
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
  DOCTEST_CHECK(stored_draft(harness, first.id) == first);
  DOCTEST_CHECK(stored_draft(harness, second.id) == second);
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
void threads_of_one_user_get_one_draft() {
  Harness harness;
  const auto outcomes = at_once(threads, [&](std::size_t thread) {
    return harness.port().save(draft_of(123, "store " + std::to_string(thread)), harness.deadline());
  });
  agree(outcomes, 1, 1);
  const EventDraft& winner = outcomes.front()->assume_value().draft;
  for (const auto& outcome : outcomes) DOCTEST_CHECK(outcome->assume_value().draft == winner);
  DOCTEST_CHECK(stored_draft(harness, winner.id) == winner);
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

}  // namespace event_draft::testing::contracts::repository_laws
