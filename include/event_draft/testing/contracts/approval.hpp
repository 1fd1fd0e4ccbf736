#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <event_draft/ports.hpp>
#include <event_draft/testing/contracts/law.hpp>
#include <event_draft/testing/contracts/repository_steps.hpp>

// What every ApprovingRepository does. The laws of its outbox, if it has one, are in outbox.hpp.
namespace event_draft::testing::contracts::approval_laws {

using repository_laws::draft_of;
using repository_laws::insert;
using repository_laws::kept_out;
using repository_laws::replacing;
using repository_laws::stored_draft;

inline DraftApproval approval_of(const EventDraft& draft) {
  return {draft.id, draft.user_id, draft.created_at + std::chrono::minutes{7}};
}

template <class Harness>
std::optional<ApprovedDraft> approve(Harness& harness, const DraftApproval& approval) {
  const Result<std::optional<ApprovedDraft>> approved = harness.port().approve(approval, harness.deadline());
  DOCTEST_REQUIRE(approved);
  return approved.assume_value();
}

/// Approves a draft that was none of the approved ones, and finds it as such.
template <class Harness>
ApprovedDraft approve_now(Harness& harness, const EventDraft& draft) {
  const auto result = approve(harness, approval_of(draft));
  DOCTEST_REQUIRE(result);
  DOCTEST_CHECK(result->approved_now);
  DOCTEST_CHECK(result->draft == approved(draft));
  DOCTEST_CHECK(stored_draft(harness, draft.id) == approved(draft));
  return *result;
}

/// Approves a draft again, which changes nothing.
template <class Harness>
void is_approved_already(Harness& harness, const EventDraft& draft) {
  DOCTEST_CHECK(approve(harness, approval_of(draft)) == ApprovedDraft{approved(draft), false});
}

template <class Harness>
void draft_becomes_approved() {
  Harness harness;
  NewEventDraft draft = draft_of(123, "';DROP TABLE drafts;-- 맛있는집 \xF0\x9F\x8D\x9C");
  for (const Objective objective : all_objectives) {
    draft.objective = objective;
    approve_now(harness, insert(harness, draft));
  }
}

template <class Harness>
void second_approval_changes_nothing() {
  Harness harness;
  const EventDraft draft = insert(harness, draft_of(123));
  approve_now(harness, draft);
  DraftApproval later = approval_of(draft);
  later.approved_at += std::chrono::hours{1};
  DOCTEST_CHECK(approve(harness, later) == ApprovedDraft{approved(draft), false});
  is_approved_already(harness, draft);
  DOCTEST_CHECK(stored_draft(harness, draft.id) == approved(draft));
}

template <class Harness>
void others_drafts_are_not_there() {
  Harness harness;
  const EventDraft draft = insert(harness, draft_of(1));
  insert(harness, draft_of(2));
  for (const std::int64_t user : {std::int64_t{2}, std::int64_t{3}, std::numeric_limits<std::int64_t>::max()}) {
    DraftApproval foreign = approval_of(draft);
    foreign.user_id = UserId::make(user).value();
    DOCTEST_CHECK(approve(harness, foreign) == std::nullopt);
  }
  DOCTEST_CHECK(stored_draft(harness, draft.id) == draft);
  kept_out(harness, draft_of(1, "another"), draft);
}

template <class Harness>
void others_approved_drafts_are_not_there() {
  Harness harness;
  const EventDraft draft = insert(harness, draft_of(1));
  approve_now(harness, draft);
  DraftApproval foreign = approval_of(draft);
  foreign.user_id = UserId::make(2).value();
  DOCTEST_CHECK(approve(harness, foreign) == std::nullopt);
}

template <class Harness>
void unknown_ids_are_not_there() {
  Harness harness;
  const EventDraft draft = insert(harness, draft_of(123));
  for (const std::string& id :
       {std::string{"draft-0"}, std::string{"draft-999999999"}, std::string{"draft-9223372036854775808"},
        std::string{"draft-01"}, std::string{"draft-1x"}, "draft-" + std::string(58, 'z')}) {
    DOCTEST_CAPTURE(id);
    DOCTEST_CHECK(approve(harness, {*DraftId::parse(id), draft.user_id, draft.created_at}) == std::nullopt);
  }
  DOCTEST_CHECK(stored_draft(harness, draft.id) == draft);
}

template <class Harness>
void approval_ends_the_window() {
  Harness harness;
  const EventDraft first = insert(harness, draft_of(123, "first"));
  approve_now(harness, first);
  const EventDraft second = insert(harness, draft_of(123, "second"));
  DOCTEST_CHECK(second.id != first.id);
  kept_out(harness, draft_of(123, "third"), second);
  is_approved_already(harness, first);
  kept_out(harness, draft_of(123, "third"), second);
}

template <class Harness>
void window_of_another_draft_stays() {
  Harness harness;
  const EventDraft first = insert(harness, draft_of(1, "first"));
  const EventDraft second = insert(harness, replacing(first, "second"));
  const EventDraft others = insert(harness, draft_of(2));
  approve_now(harness, first);
  kept_out(harness, draft_of(1, "third"), second);
  kept_out(harness, draft_of(2, "third"), others);
  approve_now(harness, second);
  insert(harness, draft_of(1, "third"));
}

template <class Harness>
void approved_draft_has_no_window_to_pass_on() {
  Harness harness;
  const EventDraft first = insert(harness, draft_of(123, "first"));
  approve_now(harness, first);
  const EventDraft second = insert(harness, draft_of(123, "second"));
  kept_out(harness, replacing(first, "third"), second);
}

template <class Harness>
void draft_past_its_window_can_be_approved() {
  Harness harness;
  NewEventDraft brief = draft_of(123, "first");
  brief.window = repository_laws::short_window;
  const EventDraft first = insert(harness, brief);
  harness.pass(repository_laws::past_short_window);
  const EventDraft second = insert(harness, draft_of(123, "second"));
  approve_now(harness, first);
  kept_out(harness, draft_of(123, "third"), second);
}

template <class Harness>
void expired_approval_changes_nothing() {
  Harness harness;
  const EventDraft draft = insert(harness, draft_of(123));
  refuses_when_expired([&] { return harness.port().approve(approval_of(draft), harness.expired()); });
  DOCTEST_CHECK(stored_draft(harness, draft.id) == draft);
  kept_out(harness, draft_of(123, "kept out"), draft);
  approve_now(harness, draft);
}

inline constexpr std::size_t threads = 50;

template <class Harness>
void threads_make_one_approval() {
  Harness harness;
  const EventDraft draft = insert(harness, draft_of(123));
  const auto outcomes =
      at_once(threads, [&](std::size_t) { return harness.port().approve(approval_of(draft), harness.deadline()); });
  std::size_t approvals = 0;
  for (const auto& outcome : outcomes) {
    DOCTEST_REQUIRE(*outcome);
    DOCTEST_REQUIRE(outcome->assume_value());
    DOCTEST_CHECK(outcome->assume_value()->draft == approved(draft));
    approvals += outcome->assume_value()->approved_now ? 1U : 0U;
  }
  DOCTEST_CHECK(approvals == 1);
}

/// Whichever comes first: the approval lets the first replacement take a free window, or finds that it is another's by now.
template <class Harness>
void approvals_and_replacements_at_once() {
  Harness harness;
  const EventDraft draft = insert(harness, draft_of(123, "first"));
  const auto outcomes = at_once(threads, [&](std::size_t thread) -> Result<bool> {
    if (thread % 2 == 0) {
      BOOST_OUTCOME_TRY(const auto result, harness.port().approve(approval_of(draft), harness.deadline()));
      return result && result->approved_now;
    }
    BOOST_OUTCOME_TRY(const auto saved, harness.port().save(replacing(draft, "other"), harness.deadline()));
    return saved.inserted;
  });
  std::array<std::size_t, 2> effects{};
  for (std::size_t thread = 0; thread != threads; ++thread) {
    DOCTEST_REQUIRE(*outcomes[thread]);
    effects[thread % 2] += outcomes[thread]->assume_value() ? 1U : 0U;
  }
  DOCTEST_CHECK(effects[0] == 1);
  DOCTEST_CHECK(effects[1] == 1);
}

template <class Harness>
void approvals_survive_a_restart() {
  restarting<Harness>([](auto& harness) {
    const EventDraft draft = insert(harness, draft_of(123, "first"));
    approve_now(harness, draft);
    harness.reopen();
    DOCTEST_CHECK(stored_draft(harness, draft.id) == approved(draft));
    is_approved_already(harness, draft);
    insert(harness, draft_of(123, "second"));
  });
}

}  // namespace event_draft::testing::contracts::approval_laws

#define EVENT_DRAFT_APPROVAL_LAW(Harness, text, law) EVENT_DRAFT_LAW("approval", Harness, text, approval_laws::law)

/// Runs the ApprovingRepository contract over a harness, at namespace scope.
#define EVENT_DRAFT_APPROVAL_CONTRACT(Harness)                                                                         \
  static_assert(::event_draft::testing::ContractHarness<Harness>);                                                     \
  EVENT_DRAFT_APPROVAL_LAW(Harness, "a draft becomes approved and stays what it was", draft_becomes_approved)          \
  EVENT_DRAFT_APPROVAL_LAW(Harness, "a second approval changes nothing", second_approval_changes_nothing)              \
  EVENT_DRAFT_APPROVAL_LAW(Harness, "another user's draft is not there", others_drafts_are_not_there)                  \
  EVENT_DRAFT_APPROVAL_LAW(Harness, "another user's approved draft is not there",                                      \
                           others_approved_drafts_are_not_there)                                                       \
  EVENT_DRAFT_APPROVAL_LAW(Harness, "unknown ids are not there", unknown_ids_are_not_there)                            \
  EVENT_DRAFT_APPROVAL_LAW(Harness, "an approval ends the draft's window, once", approval_ends_the_window)             \
  EVENT_DRAFT_APPROVAL_LAW(Harness, "the window of another draft stays", window_of_another_draft_stays)                \
  EVENT_DRAFT_APPROVAL_LAW(Harness, "an approved draft has no window to pass on",                                      \
                           approved_draft_has_no_window_to_pass_on)                                                    \
  EVENT_DRAFT_APPROVAL_LAW(Harness, "a draft past its window can be approved", draft_past_its_window_can_be_approved)  \
  EVENT_DRAFT_APPROVAL_LAW(Harness, "an approval past its deadline changes nothing", expired_approval_changes_nothing) \
  EVENT_DRAFT_APPROVAL_LAW(Harness, "threads that approve at once make one approval", threads_make_one_approval)       \
  EVENT_DRAFT_APPROVAL_LAW(Harness, "approvals and replacements at once: one approval and one new draft",              \
                           approvals_and_replacements_at_once)                                                         \
  EVENT_DRAFT_APPROVAL_LAW(Harness, "approvals survive a restart", approvals_survive_a_restart)                        \
  static_assert(true)
