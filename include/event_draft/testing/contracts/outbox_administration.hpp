#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <event_draft/testing/contracts/outbox_steps.hpp>

// What every OutboxAdministration does.
namespace event_draft::testing::contracts::outbox_laws {

template <class Harness>
std::vector<ParkedEvent> parked(Harness& harness, const std::optional<EventId>& after = std::nullopt,
                                std::size_t limit = all) {
  Result<std::vector<ParkedEvent>> listed = harness.port().parked(after, limit, harness.deadline());
  DOCTEST_REQUIRE(listed);
  return std::move(listed).assume_value();
}

template <class Harness>
bool replay(Harness& harness, const EventId& id) {
  const Result<bool> replayed = harness.port().replay(id, harness.deadline());
  DOCTEST_REQUIRE(replayed);
  return replayed.assume_value();
}

template <class Harness>
bool discard(Harness& harness, const EventId& id) {
  const Result<bool> discarded = harness.port().discard(id, harness.deadline());
  DOCTEST_REQUIRE(discarded);
  return discarded.assume_value();
}

template <class Harness>
void parked_event_is_listed_and_not_claimed() {
  administering<Harness>([](auto& harness) {
    DOCTEST_CHECK(parked(harness).empty());
    save_published(harness, 1);
    save_leased(harness, 2, long_time);
    save_due(harness, 3);
    const LeasedEvent claimed = claim_one(harness, at_once_due);
    settle(harness, {Settlement::parked(claimed.lease(), Errc::event_rejected)});
    nothing_is_due(harness);
    const auto listed = parked(harness);
    DOCTEST_REQUIRE(listed.size() == 1);
    DOCTEST_CHECK((listed[0] == ParkedEvent{claimed.event.id, 2, Errc::event_rejected, listed[0].parked_at}));
    harness.pass(milliseconds{5});
    DOCTEST_CHECK((parked(harness) == listed));
  });
}

template <class Harness>
void every_reason_comes_back() {
  administering<Harness>([](auto& harness) {
    for (int code = 1; code <= static_cast<int>(Errc::internal_error); ++code) {
      const auto reason = static_cast<Errc>(code);
      const EventId id = save_parked(harness, code, reason);
      const auto listed = parked(harness);
      DOCTEST_REQUIRE(listed.size() == 1);
      DOCTEST_CHECK(listed[0].reason == reason);
      DOCTEST_CHECK(discard(harness, id));
    }
  });
}

template <class Harness>
void parked_events_are_listed_by_pages() {
  administering<Harness>([](auto& harness) {
    std::set<EventId> expected;
    for (std::int64_t user = 1; user <= 12; ++user)
      expected.insert(save_parked(harness, user));  // draft-10 and draft-2
    const auto whole = parked(harness);
    std::set<EventId> listed;
    for (const ParkedEvent& each : whole) listed.insert(each.id);
    DOCTEST_CHECK((listed == expected));
    DOCTEST_CHECK(parked(harness, std::nullopt, 0).empty());
    for (const std::size_t limit : {1U, 5U, 12U, 13U}) {
      std::vector<ParkedEvent> paged;
      for (auto page = parked(harness, std::nullopt, limit); !page.empty() && paged.size() <= whole.size();
           page = parked(harness, page.back().id, limit)) {
        DOCTEST_CHECK(page.size() <= limit);
        paged.insert(paged.end(), page.begin(), page.end());
      }
      DOCTEST_CHECK((paged == whole));
    }
  });
}

template <class Harness>
void replayed_event_is_due_as_at_first() {
  administering<Harness>([](auto& harness) {
    const auto [draft, lease] = save_leased(harness, 123, long_time);
    settle(harness, {Settlement::parked(lease, Errc::event_rejected)});
    DOCTEST_CHECK(replay(harness, lease.event));
    DOCTEST_CHECK_FALSE(replay(harness, lease.event));
    DOCTEST_CHECK(parked(harness).empty());
    settle(harness, {Settlement::published(lease), Settlement::published({lease.event, no_lease})});
    const LeasedEvent claimed = claim_one(harness);
    DOCTEST_CHECK((claimed.event == draft_created(draft)));
    DOCTEST_CHECK(claimed.attempts == 1);
  });
}

template <class Harness>
void discarded_event_is_gone() {
  administering<Harness>([](auto& harness) {
    const EventId kept = save_parked(harness, 1);
    const EventId id = save_parked(harness, 2);
    DOCTEST_CHECK(discard(harness, id));
    DOCTEST_CHECK_FALSE(discard(harness, id));
    DOCTEST_CHECK_FALSE(replay(harness, id));
    nothing_is_due(harness);
    const auto listed = parked(harness);
    DOCTEST_REQUIRE(listed.size() == 1);
    DOCTEST_CHECK(listed[0].id == kept);
    DOCTEST_CHECK(repository_laws::stored_draft(harness, id.draft_id));
  });
}

template <class Harness>
void what_is_not_parked_is_left_alone() {
  administering<Harness>([](auto& harness) {
    const EventDraft published = save_published(harness, 1);
    const EventDraft leased = save_leased(harness, 2, long_time).first;
    const EventDraft due = save_due(harness, 3);
    for (const DraftId& id : {published.id, leased.id, due.id, *DraftId::parse("draft-999999999"),
                              *DraftId::parse("draft-of_another"), *DraftId::parse("draft-01")}) {
      for (const EventType type : all_event_types) {
        DOCTEST_CHECK_FALSE(replay(harness, {id, type}));
        DOCTEST_CHECK_FALSE(discard(harness, {id, type}));
      }
    }
    const LeasedEvent claimed = claim_one(harness);
    DOCTEST_CHECK(claimed.event.id.draft_id == due.id);
    DOCTEST_CHECK(claimed.attempts == 2);
  });
}

template <class Harness>
void threads_replay_an_event_once() {
  administering<Harness>([](auto& harness) {
    const EventId id = save_parked(harness, 123);
    const auto outcomes = at_once(8, [&](std::size_t) { return harness.port().replay(id, harness.deadline()); });
    std::size_t replayed = 0;
    for (const auto& outcome : outcomes) {
      DOCTEST_REQUIRE(*outcome);
      replayed += outcome->assume_value() ? 1U : 0U;
    }
    DOCTEST_CHECK(replayed == 1);
    claim_one(harness);
  });
}

template <class Harness>
void expired_administration_does_nothing() {
  administering<Harness>([](auto& harness) {
    const EventId id = save_parked(harness, 123);
    refuses_when_expired([&] { return harness.port().parked(std::nullopt, all, harness.expired()); });
    refuses_when_expired([&] { return harness.port().replay(id, harness.expired()); });
    refuses_when_expired([&] { return harness.port().discard(id, harness.expired()); });
    DOCTEST_CHECK(parked(harness).size() == 1);
  });
}

template <class Harness>
void parked_events_survive_a_restart() {
  where_able<Harness, administers<Harness> && Reopening<Harness>>("it takes discard(), replay() and reopen()",
                                                                  [](auto& harness) {
                                                                    const EventId id = save_parked(harness, 1);
                                                                    const EventId gone = save_parked(harness, 2);
                                                                    DOCTEST_CHECK(discard(harness, gone));
                                                                    const auto listed = parked(harness);
                                                                    harness.reopen();
                                                                    DOCTEST_CHECK((parked(harness) == listed));
                                                                    nothing_is_due(harness);
                                                                    DOCTEST_CHECK(replay(harness, id));
                                                                    harness.reopen();
                                                                    DOCTEST_CHECK(claim_one(harness).event.id == id);
                                                                  });
}

}  // namespace event_draft::testing::contracts::outbox_laws
