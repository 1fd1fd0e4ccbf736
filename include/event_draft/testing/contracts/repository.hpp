#pragma once

#include <event_draft/testing/contracts/repository_drafts.hpp>
#include <event_draft/testing/contracts/repository_window.hpp>

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
