#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include <event_draft/outbox.hpp>
#include <event_draft/testing/contracts/approval.hpp>
#include <event_draft/testing/contracts/law.hpp>
#include <event_draft/testing/contracts/repository_steps.hpp>

// What the laws of an outbox do again and again. A time that must not be over is `long_time`, so that a slow machine fails
// nobody; one that must be is `short_time`, and `past_short_time` goes by.
namespace event_draft::testing::contracts::outbox_laws {

using approval_laws::approval_of;
using repository_laws::draft_of;
using repository_laws::insert;
using repository_laws::save;
using std::chrono::milliseconds;

inline constexpr milliseconds at_once_due{0};
inline constexpr milliseconds short_time{100};
inline constexpr milliseconds past_short_time{130};
inline constexpr milliseconds long_time = std::chrono::hours{1};
inline constexpr std::size_t all = 1000;
inline constexpr LeaseToken no_lease{0};

using Events = std::vector<LeasedEvent>;

/// A draft whose event is the request's for `lease`.
inline NewEventDraft leased_for(std::int64_t user, milliseconds lease) {
  NewEventDraft draft = draft_of(user);
  draft.event_lease = lease;
  return draft;
}

/// Saves a draft that nothing keeps out, and gives the lease of its event.
template <class Harness>
std::pair<EventDraft, EventLease> save_leased(Harness& harness, std::int64_t user, milliseconds lease) {
  const SavedDraft saved = save(harness, leased_for(user, lease));
  DOCTEST_CHECK(saved.inserted);
  DOCTEST_REQUIRE(saved.lease);
  DOCTEST_CHECK(*saved.lease != no_lease);
  return {saved.draft, {{saved.draft.id, EventType::event_draft_created}, *saved.lease}};
}

/// Saves a draft whose event is due at once.
template <class Harness>
EventDraft save_due(Harness& harness, std::int64_t user) {
  return save_leased(harness, user, at_once_due).first;
}

template <class Harness>
Events claim(Harness& harness, milliseconds time = long_time, std::size_t limit = all) {
  Result<Events> claimed = harness.port().claim(limit, time, harness.deadline());
  DOCTEST_REQUIRE(claimed);
  for (const LeasedEvent& each : claimed.assume_value()) DOCTEST_CHECK(each.token != no_lease);
  return std::move(claimed).assume_value();
}

/// Claims what must be one event.
template <class Harness>
LeasedEvent claim_one(Harness& harness, milliseconds time = long_time) {
  const Events events = claim(harness, time);
  DOCTEST_REQUIRE(events.size() == 1);
  return events.front();
}

template <class Harness>
void nothing_is_due(Harness& harness) {
  DOCTEST_CHECK(claim(harness).empty());
}

template <class Harness>
void settle(Harness& harness, const std::vector<Settlement>& settlements) {
  const Result<void> settled = harness.port().settle(settlements, harness.deadline());
  DOCTEST_REQUIRE(settled);
}

/// Puts an event back as if nobody had claimed it.
inline Settlement put_back(const EventLease& lease) {
  return Settlement::retry(lease, at_once_due, false, Errc::publisher_unavailable);
}

/// Saves a draft, and publishes its event.
template <class Harness>
EventDraft save_published(Harness& harness, std::int64_t user) {
  const auto [draft, lease] = save_leased(harness, user, long_time);
  settle(harness, {Settlement::published(lease)});
  return draft;
}

/// Saves a draft, and parks its event.
template <class Harness>
EventId save_parked(Harness& harness, std::int64_t user, Errc reason = Errc::event_rejected) {
  const auto lease = save_leased(harness, user, long_time).second;
  settle(harness, {Settlement::parked(lease, reason)});
  return lease.event;
}

// Laws about what not every outbox has.
template <class Harness>
inline constexpr bool approves = ApprovingRepository<PortOf<Harness>>;
template <class Harness>
inline constexpr bool keeps = OutboxUpkeep<PortOf<Harness>>;
template <class Harness>
inline constexpr bool administers = OutboxAdministration<PortOf<Harness>>;

template <class Harness, class Law>
void approving(Law law) {
  where_able<Harness, approves<Harness>>("the port has no approve()", law);
}

template <class Harness, class Law>
void keeping(Law law) {
  where_able<Harness, keeps<Harness>>("the port has no remove_published() and stats()", law);
}

template <class Harness, class Law>
void administering(Law law) {
  where_able<Harness, administers<Harness>>("the port has no parked(), replay() and discard()", law);
}

}  // namespace event_draft::testing::contracts::outbox_laws
