#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include <event_draft/testing/contracts/outbox_steps.hpp>

// What every EventOutbox does: events are stored with their drafts, leased, and settled.
namespace event_draft::testing::contracts::outbox_laws {

template <class Harness>
void event_is_stored_with_its_draft() {
  Harness harness;
  std::int64_t user = 0;
  for (const Objective objective : all_objectives) {
    for (const auto& trace : {TraceParent::parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
                              std::optional<TraceParent>{}}) {
      NewEventDraft draft = leased_for(++user, at_once_due);
      draft.objective = objective;
      draft.trace = trace;
      draft.created_at += milliseconds{user};
      const EventDraft stored = insert(harness, draft);
      const LeasedEvent claimed = claim_one(harness);
      DOCTEST_CHECK((claimed.event == draft_created(stored, trace)));
      DOCTEST_CHECK(claimed.attempts == 2);
    }
  }
}

template <class Harness>
void what_stores_nothing_has_no_event() {
  Harness harness;
  const EventDraft holder = save_due(harness, 123);
  DOCTEST_CHECK(save(harness, leased_for(123, at_once_due)) == SavedDraft{holder, false});
  refuses_when_expired([&] { return harness.port().save(leased_for(7, at_once_due), harness.expired()); });
  DOCTEST_CHECK(claim_one(harness).event.id.draft_id == holder.id);
}

template <class Harness>
void replacement_has_an_event_too() {
  Harness harness;
  const EventDraft first = save_due(harness, 123);
  NewEventDraft draft = leased_for(123, at_once_due);
  draft.replaces = first.id;
  const EventDraft second = insert(harness, draft);
  std::set<DraftId> told;
  for (const LeasedEvent& each : claim(harness)) told.insert(each.event.id.draft_id);
  DOCTEST_CHECK((told == std::set{first.id, second.id}));
}

template <class Harness>
void request_goes_first() {
  Harness harness;
  save_leased(harness, 1, long_time);
  const EventDraft brief = save_leased(harness, 2, short_time).first;
  harness.pass(past_short_time);
  const LeasedEvent claimed = claim_one(harness);
  DOCTEST_CHECK(claimed.event.id.draft_id == brief.id);
  DOCTEST_CHECK(claimed.attempts == 2);
}

template <class Harness>
void published_event_is_done() {
  Harness harness;
  const auto lease = save_leased(harness, 1, at_once_due).second;
  settle(harness, {Settlement::published(lease)});
  save_due(harness, 2);
  settle(harness, {Settlement::published(claim_one(harness, at_once_due).lease())});
  nothing_is_due(harness);
  settle(harness, {put_back(lease), Settlement::parked(lease, Errc::internal_error)});
  nothing_is_due(harness);
  if constexpr (administers<Harness>) {
    DOCTEST_CHECK(harness.port().parked(std::nullopt, all, harness.deadline()).value().empty());
  }
}

template <class Harness>
void claimed_events_are_kept_for_a_time() {
  Harness harness;
  const EventDraft first = save_due(harness, 1);
  DOCTEST_CHECK(claim_one(harness, long_time).event.id.draft_id == first.id);
  const EventDraft second = save_due(harness, 2);
  DOCTEST_CHECK(claim_one(harness, short_time).event.id.draft_id == second.id);
  harness.pass(past_short_time);
  DOCTEST_CHECK(claim_one(harness, long_time).event.id.draft_id == second.id);
  nothing_is_due(harness);
}

template <class Harness>
void each_claim_counts_and_has_its_own_token() {
  Harness harness;
  std::set<LeaseToken> tokens{save_leased(harness, 123, at_once_due).second.token};
  for (int attempts = 2; attempts != 6; ++attempts) {
    const LeasedEvent claimed = claim_one(harness, at_once_due);
    DOCTEST_CHECK(claimed.attempts == attempts);
    DOCTEST_CHECK(tokens.insert(claimed.token).second);
  }
}

template <class Harness>
void old_lease_settles_nothing() {
  Harness harness;
  const auto old = save_leased(harness, 123, at_once_due).second;
  const LeasedEvent claimed = claim_one(harness);
  for (const Settlement& late :
       {Settlement::published(old), put_back(old), Settlement::parked(old, Errc::internal_error),
        Settlement::published({old.event, no_lease})}) {
    settle(harness, {late});
    harness.port().settle_later(late);
    settle(harness, {});
    nothing_is_due(harness);
  }
  settle(harness, {put_back(claimed.lease())});
  DOCTEST_CHECK(claim_one(harness).attempts == 2);
}

template <class Harness>
void settling_ends_the_lease() {
  Harness harness;
  save_due(harness, 123);
  const EventLease lease = claim_one(harness).lease();
  settle(harness, {put_back(lease), put_back(lease), Settlement::published(lease)});
  settle(harness, {put_back(lease), Settlement::published({lease.event, no_lease})});
  DOCTEST_CHECK(claim_one(harness).attempts == 2);
}

template <class Harness>
void settlements_of_nobody_change_nothing() {
  Harness harness;
  const EventDraft draft = save_due(harness, 123);
  const LeasedEvent claimed = claim_one(harness);
  const auto of = [&](const DraftId& id, EventType type) { return EventLease{{id, type}, claimed.token}; };
  settle(harness, {Settlement::published(of(draft.id, EventType::event_created)),
                   Settlement::published(of(*DraftId::parse("draft-999999999"), EventType::event_draft_created)),
                   Settlement::published(of(*DraftId::parse("draft-of_another"), EventType::event_draft_created)),
                   put_back(claimed.lease())});
  DOCTEST_CHECK(claim_one(harness).event.id.draft_id == draft.id);
}

template <class Harness>
void retry_comes_after_its_time() {
  Harness harness;
  save_due(harness, 1);
  save_due(harness, 2);
  const Events events = claim(harness);
  DOCTEST_REQUIRE(events.size() == 2);
  settle(harness, {Settlement::retry(events[0].lease(), long_time, true, Errc::event_rejected),
                   Settlement::retry(events[1].lease(), short_time, true, Errc::event_rejected)});
  harness.pass(past_short_time);
  DOCTEST_CHECK(claim_one(harness).event.id == events[1].event.id);
}

template <class Harness>
void retry_counts_when_it_is_told_to() {
  Harness harness;
  save_due(harness, 123);
  const auto retry = [&](const LeasedEvent& leased, bool counts) {
    settle(harness, {Settlement::retry(leased.lease(), at_once_due, counts, Errc::event_rejected)});
    return claim_one(harness);
  };
  LeasedEvent claimed = claim_one(harness);
  claimed = retry(claimed, true);
  DOCTEST_CHECK(claimed.attempts == 3);
  claimed = retry(claimed, false);
  DOCTEST_CHECK(claimed.attempts == 3);
  DOCTEST_CHECK(retry(claimed, true).attempts == 4);
}

template <class Harness>
void settled_later_is_written_with_the_next() {
  Harness harness;
  const auto first = save_leased(harness, 1, at_once_due).second;
  const auto second = save_leased(harness, 2, long_time).second;
  const auto third = save_leased(harness, 3, long_time).second;
  harness.port().settle_later(Settlement::published(first));
  harness.port().settle_later(put_back(second));
  refuses_when_expired([&] { return harness.port().settle({}, harness.expired()); });
  settle(harness, {put_back(third)});
  std::set<EventId> due;
  for (const LeasedEvent& each : claim(harness)) due.insert(each.event.id);
  DOCTEST_CHECK((due == std::set{second.event, third.event}));
}

template <class Harness>
void claims_keep_to_their_limit() {
  Harness harness;
  std::set<EventId> told;
  for (std::int64_t user = 1; user <= 5; ++user) save_due(harness, user);
  DOCTEST_CHECK(claim(harness, long_time, 0).empty());
  for (const std::size_t count : {2U, 2U, 1U, 0U}) {
    const Events events = claim(harness, long_time, 2);
    DOCTEST_CHECK(events.size() == count);
    for (const LeasedEvent& each : events) DOCTEST_CHECK(told.insert(each.event.id).second);
  }
  save_due(harness, 6);
  DOCTEST_CHECK(claim(harness, long_time, std::numeric_limits<std::size_t>::max()).size() == 1);
}

template <class Harness>
void what_is_due_longest_goes_first() {
  Harness harness;
  std::vector<EventLease> leases;
  for (std::int64_t user = 1; user <= 3; ++user) {
    leases.push_back(save_leased(harness, user, at_once_due).second);
    harness.pass(milliseconds{3});
  }
  settle(harness, {put_back(leases[0])});
  for (const std::size_t next : {1U, 2U, 0U}) {
    const Events events = claim(harness, long_time, 1);
    DOCTEST_REQUIRE(events.size() == 1);
    DOCTEST_CHECK(events[0].event.id == leases[next].event);
  }
}

template <class Harness>
void expired_calls_do_nothing() {
  Harness harness;
  const auto lease = save_leased(harness, 1, long_time).second;
  const EventDraft due = save_due(harness, 2);
  refuses_when_expired([&] { return harness.port().claim(all, long_time, harness.expired()); });
  const std::vector settlements{put_back(lease)};
  refuses_when_expired([&] { return harness.port().settle(settlements, harness.expired()); });
  const LeasedEvent claimed = claim_one(harness);
  DOCTEST_CHECK(claimed.event.id.draft_id == due.id);
  DOCTEST_CHECK(claimed.attempts == 2);
}

template <class Harness>
void threads_never_share_an_event() {
  constexpr std::size_t threads = 16;
  constexpr std::int64_t drafts = 100;
  Harness harness;
  for (std::int64_t user = 1; user <= drafts; ++user) save_due(harness, user);
  const auto outcomes = at_once(threads, [&](std::size_t) -> Result<Events> {
    Events own;
    while (own.size() <= static_cast<std::size_t>(drafts)) {
      BOOST_OUTCOME_TRY(const Events events, harness.port().claim(7, long_time, harness.deadline()));
      if (events.empty()) break;
      own.insert(own.end(), events.begin(), events.end());
    }
    return own;
  });
  std::set<EventId> claimed;
  std::set<LeaseToken> tokens;
  for (const auto& outcome : outcomes) {
    DOCTEST_REQUIRE(*outcome);
    for (const LeasedEvent& each : outcome->assume_value()) {
      DOCTEST_CHECK(claimed.insert(each.event.id).second);
      DOCTEST_CHECK(tokens.insert(each.token).second);
      DOCTEST_CHECK(each.attempts == 2);
    }
  }
  DOCTEST_CHECK(claimed.size() == static_cast<std::size_t>(drafts));
}

template <class Harness>
void events_survive_a_restart() {
  restarting<Harness>([](auto& harness) {
    save_published(harness, 1);
    const auto [draft, old] = save_leased(harness, 2, at_once_due);
    save_leased(harness, 3, long_time);
    const LeasedEvent before = claim_one(harness, short_time);
    harness.reopen();
    harness.pass(past_short_time);
    const LeasedEvent after = claim_one(harness);
    DOCTEST_CHECK((after.event == draft_created(draft)));
    DOCTEST_CHECK(after.attempts == 3);
    DOCTEST_CHECK(after.token != before.token);
    settle(harness, {Settlement::published(old), Settlement::published(before.lease()), put_back(after.lease())});
    DOCTEST_CHECK(claim_one(harness).event.id == after.event.id);
  });
}

template <class Harness>
void leases_survive_a_restart() {
  restarting<Harness>([](auto& harness) {
    save_due(harness, 1);
    const EventLease lease = claim_one(harness).lease();
    harness.reopen();
    nothing_is_due(harness);
    settle(harness, {put_back(lease)});
    harness.reopen();
    settle(harness, {Settlement::published(claim_one(harness, at_once_due).lease())});
    harness.reopen();
    nothing_is_due(harness);
  });
}

}  // namespace event_draft::testing::contracts::outbox_laws
