#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

#include <event_draft/testing/contracts/outbox_steps.hpp>

// What every EventOutbox does with the events of one draft: each appears first after those before it.
namespace event_draft::testing::contracts::outbox_laws {

/// Approves a draft that is not approved yet; the lease of its event, if it may be published at once.
template <class Harness>
std::optional<EventLease> approve(Harness& harness, const EventDraft& draft, milliseconds lease = long_time,
                                  const std::optional<TraceParent>& trace = std::nullopt) {
  DraftApproval approval = approval_of(draft);
  approval.event_lease = lease;
  approval.trace = trace;
  const auto approved = approval_laws::approve(harness, approval);
  DOCTEST_REQUIRE(approved);
  DOCTEST_CHECK(approved->approved_now);
  if (!approved->lease) return std::nullopt;
  DOCTEST_CHECK(*approved->lease != no_lease);
  return EventLease{{draft.id, EventType::event_created}, *approved->lease};
}

template <class Harness>
void is_due(Harness& harness, const EventDraft& draft, EventType type) {
  const LeasedEvent claimed = claim_one(harness);
  DOCTEST_CHECK((claimed.event.id == EventId{draft.id, type}));
  settle(harness, {put_back(claimed.lease())});
}

template <class Harness>
void approvals_event_waits_for_the_first() {
  approving<Harness>([](auto& harness) {
    const auto trace = TraceParent::parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    const EventDraft draft = save_due(harness, 123);
    DOCTEST_CHECK_FALSE(approve(harness, draft, at_once_due, trace));
    const LeasedEvent first = claim_one(harness);
    DOCTEST_CHECK((first.event == draft_created(draft)));
    nothing_is_due(harness);
    settle(harness, {Settlement::retry(first.lease(), long_time, true, Errc::event_rejected)});
    nothing_is_due(harness);
    settle(harness, {Settlement::published(first.lease())});  // is no longer the lease
    nothing_is_due(harness);
  });
}

template <class Harness>
void approvals_event_follows_the_first() {
  approving<Harness>([](auto& harness) {
    const auto trace = TraceParent::parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    const EventDraft draft = save_due(harness, 123);
    const DraftApproval approval = approval_of(draft);
    DOCTEST_CHECK_FALSE(approve(harness, draft, at_once_due, trace));
    settle(harness, {Settlement::published(claim_one(harness).lease())});
    const LeasedEvent second = claim_one(harness);
    DOCTEST_CHECK((second.event == draft_approved(draft, approval.approved_at, trace)));
    DOCTEST_CHECK(second.attempts == 1);
    settle(harness, {Settlement::published(second.lease())});
    nothing_is_due(harness);
  });
}

template <class Harness>
void approvals_event_follows_what_was_settled_later() {
  approving<Harness>([](auto& harness) {
    const auto [draft, lease] = save_leased(harness, 123, long_time);
    approve(harness, draft, at_once_due);
    nothing_is_due(harness);
    harness.port().settle_later(Settlement::published(lease));
    settle(harness, {});
    is_due(harness, draft, EventType::event_created);
  });
}

template <class Harness>
void approval_publishes_when_it_goes_first() {
  approving<Harness>([](auto& harness) {
    const EventDraft kept = save_published(harness, 1);
    DOCTEST_CHECK(approve(harness, kept, long_time));
    nothing_is_due(harness);
    const EventDraft brief = save_published(harness, 2);
    DOCTEST_CHECK(approve(harness, brief, short_time));
    harness.pass(past_short_time);
    DOCTEST_CHECK(claim_one(harness).attempts == 2);
    const EventDraft published = save_published(harness, 3);
    const auto lease = approve(harness, published, at_once_due);
    DOCTEST_REQUIRE(lease);
    settle(harness, {Settlement::published(*lease)});
    nothing_is_due(harness);
  });
}

template <class Harness>
void second_approval_has_no_event() {
  approving<Harness>([](auto& harness) {
    const EventDraft draft = save_published(harness, 123);
    DOCTEST_CHECK(approve(harness, draft, at_once_due));
    DraftApproval again = approval_of(draft);
    again.event_lease = at_once_due;
    DOCTEST_CHECK(approval_laws::approve(harness, again) == ApprovedDraft{approved(draft), false});
    settle(harness, {Settlement::published(claim_one(harness).lease())});
    DOCTEST_CHECK(approval_laws::approve(harness, again) == ApprovedDraft{approved(draft), false});
    again.user_id = UserId::make(7).value();
    DOCTEST_CHECK(approval_laws::approve(harness, again) == std::nullopt);
    nothing_is_due(harness);
  });
}

template <class Harness>
void parked_event_holds_back_the_next() {
  approving<Harness>([](auto& harness) {
    const auto [draft, lease] = save_leased(harness, 1, long_time);
    settle(harness, {Settlement::parked(lease, Errc::event_rejected)});
    DOCTEST_CHECK_FALSE(approve(harness, draft, at_once_due));
    nothing_is_due(harness);
    const EventDraft other = save_due(harness, 2);
    is_due(harness, other, EventType::event_draft_created);
  });
}

template <class Harness>
void discarded_event_lets_the_next_go() {
  where_able<Harness, administers<Harness> && approves<Harness>>(
      "it takes approve(), discard() and replay()", [](auto& harness) {
        const auto [draft, lease] = save_leased(harness, 123, long_time);
        approve(harness, draft, at_once_due);
        settle(harness, {Settlement::parked(lease, Errc::event_rejected)});
        nothing_is_due(harness);
        DOCTEST_CHECK(harness.port().discard(lease.event, harness.deadline()).value());
        is_due(harness, draft, EventType::event_created);
      });
}

template <class Harness>
void replayed_event_goes_before_the_next() {
  where_able<Harness, administers<Harness> && approves<Harness>>(
      "it takes approve(), discard() and replay()", [](auto& harness) {
        const auto [draft, lease] = save_leased(harness, 123, long_time);
        settle(harness, {Settlement::parked(lease, Errc::event_rejected)});
        approve(harness, draft, at_once_due);
        DOCTEST_CHECK(harness.port().replay(lease.event, harness.deadline()).value());
        const LeasedEvent first = claim_one(harness);
        DOCTEST_CHECK(first.event.id == lease.event);
        settle(harness, {Settlement::published(first.lease())});
        is_due(harness, draft, EventType::event_created);
      });
}

template <class Harness>
void removed_event_holds_back_nothing() {
  where_able<Harness, keeps<Harness> && approves<Harness>>(
      "it takes approve(), remove_published() and stats()", [](auto& harness) {
        const EventDraft draft = save_published(harness, 123);
        harness.pass(milliseconds{5});
        DOCTEST_CHECK(harness.port().remove_published(milliseconds{1}, all, harness.deadline()).value() == 1);
        DOCTEST_CHECK(approve(harness, draft, at_once_due));
        is_due(harness, draft, EventType::event_created);
      });
}

template <class Harness>
void threads_that_approve_make_one_event() {
  approving<Harness>([](auto& harness) {
    const EventDraft draft = save_published(harness, 123);
    DraftApproval approval = approval_of(draft);
    approval.event_lease = at_once_due;
    const auto outcomes = at_once(approval_laws::threads,
                                  [&](std::size_t) { return harness.port().approve(approval, harness.deadline()); });
    std::size_t leases = 0;
    for (const auto& outcome : outcomes) {
      DOCTEST_REQUIRE(*outcome);
      DOCTEST_REQUIRE(outcome->assume_value());
      leases += outcome->assume_value()->lease ? 1U : 0U;
    }
    DOCTEST_CHECK(leases == 1);
    is_due(harness, draft, EventType::event_created);
  });
}

template <class Harness>
void many_relays_keep_each_drafts_order() {
  approving<Harness>([](auto& harness) {
    constexpr std::size_t relays = 8;
    constexpr std::size_t drafts = 24;
    std::mutex mutex;
    std::map<DraftId, std::vector<EventType>> published;
    const auto relay = [&]() -> Result<std::size_t> {
      BOOST_OUTCOME_TRY(const Events events, harness.port().claim(5, long_time, harness.deadline()));
      std::vector<Settlement> settlements;
      for (const LeasedEvent& each : events) {
        const std::lock_guard lock{mutex};
        published[each.event.id.draft_id].push_back(each.event.id.type);
        settlements.push_back(Settlement::published(each.lease()));
      }
      BOOST_OUTCOME_TRY(harness.port().settle(settlements, harness.deadline()));
      return events.size();
    };
    for (std::size_t user = 1; user <= drafts; ++user) {
      approve(harness, save_due(harness, static_cast<std::int64_t>(user)), at_once_due);
    }
    constexpr std::size_t enough = 4 * drafts;  // passes, where each publishes one event at least
    const auto outcomes = at_once(relays, [&](std::size_t) -> Result<void> {
      std::size_t idle = 0;
      for (std::size_t pass = 0; pass != enough && idle != 3; ++pass) {
        BOOST_OUTCOME_TRY(const std::size_t count, relay());
        idle = count == 0 ? idle + 1 : 0;
      }
      return success();
    });
    for (const auto& outcome : outcomes) DOCTEST_CHECK(*outcome);
    for (std::size_t pass = 0; pass != enough && relay().value() != 0; ++pass) {
    }  // publishes what was released after the last of them had gone
    DOCTEST_CHECK(published.size() == drafts);
    for (const auto& [id, types] : published) {
      DOCTEST_CHECK((types == std::vector{EventType::event_draft_created, EventType::event_created}));
    }
  });
}

template <class Harness>
void waiting_events_survive_a_restart() {
  where_able<Harness, Reopening<Harness> && approves<Harness>>("it takes reopen() and approve()", [](auto& harness) {
    const auto [draft, lease] = save_leased(harness, 123, long_time);
    approve(harness, draft, at_once_due);
    harness.reopen();
    nothing_is_due(harness);
    settle(harness, {Settlement::published(lease)});
    harness.reopen();
    is_due(harness, draft, EventType::event_created);
  });
}

}  // namespace event_draft::testing::contracts::outbox_laws
