#include <event_draft/outbox.hpp>

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <functional>

#include <event_draft/settlement.hpp>
#include <event_draft/testing/samples.hpp>

using namespace event_draft;
using namespace std::chrono_literals;

// Tests and mocks tell these apart by all of their members: one that is left out would hide a wrong one.
namespace {

template <class T, std::size_t count>
void check_each_member_counts(const T& value, const std::array<std::function<void(T&)>, count>& changes) {
  CHECK(value == T{value});
  for (std::size_t i = 0; i != count; ++i) {
    CAPTURE(i);
    T other = value;
    changes[i](other);
    CHECK(value != other);
  }
}

template <class T>
using Change = std::function<void(T&)>;

}  // namespace

TEST_CASE("outbox: figures that differ in one are others") {
  check_each_member_counts<OutboxStats>({.pending = 3, .oldest_pending = 5ms, .most_attempts = 2, .parked = 1},
                                        std::array{Change<OutboxStats>{[](auto& stats) { stats.pending = 4; }},
                                                   Change<OutboxStats>{[](auto& stats) { stats.oldest_pending = 6ms; }},
                                                   Change<OutboxStats>{[](auto& stats) { stats.most_attempts = 3; }},
                                                   Change<OutboxStats>{[](auto& stats) { stats.parked = 2; }}});
}

TEST_CASE("outbox: parked events that differ in one member are others") {
  check_each_member_counts<ParkedEvent>(
      {{DraftId::numbered(1), EventType::event_created}, 3, Errc::event_rejected, Timestamp{5ms}},
      std::array{Change<ParkedEvent>{[](auto& event) { event.id.type = EventType::event_draft_created; }},
                 Change<ParkedEvent>{[](auto& event) { event.attempts = 4; }},
                 Change<ParkedEvent>{[](auto& event) { event.reason = Errc::corrupt_draft; }},
                 Change<ParkedEvent>{[](auto& event) { event.parked_at = Timestamp{6ms}; }}});
}

TEST_CASE("outbox: settlements that differ in one member are others") {
  check_each_member_counts<Settlement>(
      Settlement::retry({{DraftId::numbered(1), EventType::event_created}, LeaseToken{7}}, 5ms, true,
                        Errc::event_rejected),
      std::array{Change<Settlement>{[](auto& settlement) { settlement.lease.token = LeaseToken{8}; }},
                 Change<Settlement>{[](auto& settlement) { settlement.fate = Settlement::Fate::parked; }},
                 Change<Settlement>{[](auto& settlement) { settlement.after = 6ms; }},
                 Change<Settlement>{[](auto& settlement) { settlement.counts = false; }},
                 Change<Settlement>{[](auto& settlement) { settlement.reason = Errc::deadline_exceeded; }}});
}

TEST_CASE("outbox: events that differ in one member are others") {
  check_each_member_counts<DraftEvent>(
      draft_created(testing::sample_draft()),
      std::array{Change<DraftEvent>{[](auto& event) { event.id.draft_id = DraftId::numbered(2); }},
                 Change<DraftEvent>{[](auto& event) { event.user_id = UserId::make(9).value(); }},
                 Change<DraftEvent>{[](auto& event) { event.objective = Objective::sales_growth; }},
                 Change<DraftEvent>{[](auto& event) { event.created_at += 1ms; }},
                 Change<DraftEvent>{[](auto& event) { event.occurred_at += 1ms; }}, Change<DraftEvent>{[](auto& event) {
                   event.trace = TraceParent::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
                 }}});
}
