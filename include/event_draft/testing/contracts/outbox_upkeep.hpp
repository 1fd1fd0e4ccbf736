#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include <event_draft/testing/contracts/outbox_steps.hpp>

// What every OutboxUpkeep does.
namespace event_draft::testing::contracts::outbox_laws {

inline constexpr milliseconds a_moment{5};

template <class Harness>
OutboxStats stats(Harness& harness) {
  const Result<OutboxStats> stats = harness.port().stats(harness.deadline());
  DOCTEST_REQUIRE(stats);
  return stats.assume_value();
}

template <class Harness>
std::size_t remove(Harness& harness, milliseconds age, std::size_t limit = all) {
  const Result<std::size_t> removed = harness.port().remove_published(age, limit, harness.deadline());
  DOCTEST_REQUIRE(removed);
  return removed.assume_value();
}

template <class Harness>
void nothing_is_in_an_empty_outbox() {
  keeping<Harness>([](auto& harness) {
    DOCTEST_CHECK((stats(harness) == OutboxStats{}));
    DOCTEST_CHECK(remove(harness, milliseconds{0}) == 0);
    nothing_is_due(harness);
    settle(harness, {});
  });
}

template <class Harness>
void pending_and_parked_events_are_counted() {
  keeping<Harness>([](auto& harness) {
    save_published(harness, 1);
    save_parked(harness, 2);
    save_leased(harness, 3, long_time);
    save_due(harness, 4);
    claim_one(harness, at_once_due);
    claim_one(harness);
    const OutboxStats counted = stats(harness);
    DOCTEST_CHECK(counted.pending == 2);
    DOCTEST_CHECK(counted.most_attempts == 3);
    DOCTEST_CHECK(counted.parked == 1);
  });
}

template <class Harness>
void waiting_events_are_pending() {
  where_able<Harness, keeps<Harness> && approves<Harness>>(
      "it takes approve(), remove_published() and stats()", [](auto& harness) {
        approval_laws::approve(harness, approval_of(save_leased(harness, 123, long_time).first));
        DOCTEST_CHECK(stats(harness).pending == 2);
      });
}

template <class Harness>
void age_is_that_of_the_oldest_pending_event() {
  keeping<Harness>([](auto& harness) {
    const auto save_of = [&](std::int64_t user, Timestamp created_at) {
      NewEventDraft draft = leased_for(user, long_time);
      draft.created_at = created_at;
      return EventLease{{save(harness, draft).draft.id, EventType::event_draft_created}, {}};
    };
    const Timestamp long_ago = *parse_timestamp("2001-01-01T00:00:00.000Z");
    save_of(1, long_ago);
    const milliseconds first = stats(harness).oldest_pending;
    DOCTEST_CHECK(first > std::chrono::years{1});
    save_of(2, long_ago + std::chrono::days{1});
    const milliseconds second = stats(harness).oldest_pending;
    DOCTEST_CHECK(second >= first);
    DOCTEST_CHECK(second < first + std::chrono::days{1});
    save_of(3, long_ago - std::chrono::days{1});
    DOCTEST_CHECK(stats(harness).oldest_pending >= first + std::chrono::days{1});
  });
}

template <class Harness>
void published_events_are_removed_when_they_are_old() {
  keeping<Harness>([](auto& harness) {
    save_published(harness, 123);
    harness.pass(a_moment);
    DOCTEST_CHECK(remove(harness, long_time) == 0);
    DOCTEST_CHECK(remove(harness, milliseconds{1}) == 1);
    DOCTEST_CHECK(remove(harness, milliseconds{1}) == 0);
  });
}

template <class Harness>
void removing_keeps_to_its_limit() {
  keeping<Harness>([](auto& harness) {
    for (std::int64_t user = 1; user <= 5; ++user) save_published(harness, user);
    harness.pass(a_moment);
    DOCTEST_CHECK(remove(harness, milliseconds{1}, 0) == 0);
    for (const std::size_t count : {2U, 2U, 1U, 0U}) DOCTEST_CHECK(remove(harness, milliseconds{1}, 2) == count);
  });
}

template <class Harness>
void only_published_events_are_removed() {
  keeping<Harness>([](auto& harness) {
    save_parked(harness, 1);
    const EventDraft due = save_due(harness, 2);
    harness.pass(a_moment);
    DOCTEST_CHECK(remove(harness, milliseconds{1}) == 0);
    DOCTEST_CHECK(stats(harness).parked == 1);
    DOCTEST_CHECK(claim_one(harness).event.id.draft_id == due.id);
  });
}

template <class Harness>
void expired_upkeep_does_nothing() {
  keeping<Harness>([](auto& harness) {
    save_published(harness, 123);
    harness.pass(a_moment);
    refuses_when_expired([&] { return harness.port().remove_published(milliseconds{1}, all, harness.expired()); });
    refuses_when_expired([&] { return harness.port().stats(harness.expired()); });
    DOCTEST_CHECK(remove(harness, milliseconds{1}) == 1);
  });
}

}  // namespace event_draft::testing::contracts::outbox_laws
