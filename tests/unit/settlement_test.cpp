#include <event_draft/settlement.hpp>

#include <doctest/doctest.h>

#include <chrono>

#include <event_draft/options.hpp>
#include <event_draft/outbox.hpp>
#include <event_draft/testing/samples.hpp>

using namespace event_draft;
using namespace std::chrono_literals;

namespace {

constexpr EventLease settled_lease{{DraftId::numbered(1), EventType::event_created}, LeaseToken{7}};

}  // namespace

TEST_CASE("settlement: each says what it is made for") {
  CHECK(Settlement::published(settled_lease).lease == settled_lease);
  CHECK(Settlement::published(settled_lease).fate == Settlement::Fate::published);

  const auto retry = Settlement::retry(settled_lease, 5ms, false, Errc::publisher_unavailable);
  CHECK(retry.fate == Settlement::Fate::retry);
  CHECK(retry.lease == settled_lease);
  CHECK(retry.after == 5ms);
  CHECK_FALSE(retry.counts);
  CHECK(retry.reason == Errc::publisher_unavailable);
  CHECK(Settlement::retry(settled_lease, 5ms, true, Errc::publisher_unavailable) != retry);

  const auto parked = Settlement::parked(settled_lease, Errc::event_rejected);
  CHECK(parked.fate == Settlement::Fate::parked);
  CHECK(parked.lease == settled_lease);
  CHECK(parked.reason == Errc::event_rejected);
}

TEST_CASE("lease: one of another event or of another claim is another") {
  CHECK(settled_lease != EventLease{settled_lease.event, LeaseToken{8}});
  CHECK(settled_lease != EventLease{{DraftId::numbered(1), EventType::event_draft_created}, settled_lease.token});
  const LeasedEvent leased{draft_approved(testing::sample_draft(), {}), LeaseToken{7}, 3};
  CHECK(leased.lease() == settled_lease);
}

TEST_CASE("lease: by default an event is kept for the request for twice the time that it has") {
  CHECK(inline_event_lease == 2 * Budget{}.request);
}
