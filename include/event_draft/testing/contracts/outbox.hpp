#pragma once

#include <event_draft/testing/contracts/outbox_administration.hpp>
#include <event_draft/testing/contracts/outbox_delivery.hpp>
#include <event_draft/testing/contracts/outbox_order.hpp>
#include <event_draft/testing/contracts/outbox_upkeep.hpp>

namespace event_draft::testing {

/// A harness whose port is an outbox.
template <class H>
concept OutboxHarness = ContractHarness<H> && EventOutbox<contracts::PortOf<H>>;

}  // namespace event_draft::testing

#define EVENT_DRAFT_OUTBOX_LAW(Harness, text, law) EVENT_DRAFT_LAW("outbox", Harness, text, outbox_laws::law)

/// Runs the EventOutbox contract over a harness whose port is a DraftRepository too, at namespace scope; with the laws of
/// ApprovingRepository's events, OutboxUpkeep and OutboxAdministration, which are left out where the port has none of it.
#define EVENT_DRAFT_OUTBOX_CONTRACT(Harness)                                                                           \
  static_assert(::event_draft::testing::OutboxHarness<Harness>);                                                       \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "an event is stored with its draft, and comes back whole",                           \
                         event_is_stored_with_its_draft)                                                               \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "a save that stores nothing has no event", what_stores_nothing_has_no_event)         \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "a replacement has an event too", replacement_has_an_event_too)                      \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "an event is the request's at first, as long as was asked", request_goes_first)      \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "a published event is done", published_event_is_done)                                \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "claimed events are kept for as long as was asked",                                  \
                         claimed_events_are_kept_for_a_time)                                                           \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "each claim counts, and has a token of its own",                                     \
                         each_claim_counts_and_has_its_own_token)                                                      \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "an old lease settles nothing", old_lease_settles_nothing)                           \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "settling ends the lease", settling_ends_the_lease)                                  \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "settlements of unknown events change nothing",                                      \
                         settlements_of_nobody_change_nothing)                                                         \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "a retry comes after its time", retry_comes_after_its_time)                          \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "a retry counts when it is told to", retry_counts_when_it_is_told_to)                \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "what is settled later is written with the next settlement",                         \
                         settled_later_is_written_with_the_next)                                                       \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "a claim keeps to its limit", claims_keep_to_their_limit)                            \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "what is due longest goes first", what_is_due_longest_goes_first)                    \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "a claim and a settlement past their deadline do nothing", expired_calls_do_nothing) \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "threads that claim at once never share an event", threads_never_share_an_event)     \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "events survive a restart", events_survive_a_restart)                                \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "leases and settlements survive a restart", leases_survive_a_restart)                \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "an approval's event waits for the draft's first",                                   \
                         approvals_event_waits_for_the_first)                                                          \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "an approval's event follows the draft's first", approvals_event_follows_the_first)  \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "an approval's event follows one that was settled later",                            \
                         approvals_event_follows_what_was_settled_later)                                               \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "an approval publishes when nothing goes before it",                                 \
                         approval_publishes_when_it_goes_first)                                                        \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "a second approval has no event", second_approval_has_no_event)                      \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "a parked event holds back its draft's next, and no other",                          \
                         parked_event_holds_back_the_next)                                                             \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "a discarded event lets the next go", discarded_event_lets_the_next_go)              \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "a replayed event goes before the next", replayed_event_goes_before_the_next)        \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "a removed event holds back nothing", removed_event_holds_back_nothing)              \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "threads that approve at once make one event", threads_that_approve_make_one_event)  \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "many relays keep each draft's order", many_relays_keep_each_drafts_order)           \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "waiting events survive a restart", waiting_events_survive_a_restart)                \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "nothing is in an empty outbox", nothing_is_in_an_empty_outbox)                      \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "pending and parked events are counted", pending_and_parked_events_are_counted)      \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "waiting events are pending", waiting_events_are_pending)                            \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "the age is that of the oldest pending event",                                       \
                         age_is_that_of_the_oldest_pending_event)                                                      \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "published events are removed when they are old",                                    \
                         published_events_are_removed_when_they_are_old)                                               \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "removing keeps to its limit", removing_keeps_to_its_limit)                          \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "only published events are removed", only_published_events_are_removed)              \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "upkeep past its deadline does nothing", expired_upkeep_does_nothing)                \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "a parked event is listed, and not claimed", parked_event_is_listed_and_not_claimed) \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "every reason comes back", every_reason_comes_back)                                  \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "parked events are listed by pages", parked_events_are_listed_by_pages)              \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "a replayed event is due as at first", replayed_event_is_due_as_at_first)            \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "a discarded event is gone", discarded_event_is_gone)                                \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "what is not parked is left alone", what_is_not_parked_is_left_alone)                \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "threads that replay at once replay an event once", threads_replay_an_event_once)    \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "administration past its deadline does nothing",                                     \
                         expired_administration_does_nothing)                                                          \
  EVENT_DRAFT_OUTBOX_LAW(Harness, "parked events survive a restart", parked_events_survive_a_restart)                  \
  static_assert(true)
