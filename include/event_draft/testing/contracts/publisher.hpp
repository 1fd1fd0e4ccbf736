#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

#include <event_draft/ports.hpp>
#include <event_draft/testing/contracts/law.hpp>
#include <event_draft/testing/contracts/publisher_batch.hpp>
#include <event_draft/testing/contracts/publisher_steps.hpp>

// What every EventPublisher does.
namespace event_draft::testing::contracts::publisher_laws {

/// Publishes into an empty broker, which then holds exactly this.
template <class Harness>
void arrives(const EventMessage& message) {
  Harness harness;
  publish(harness, message);
  const std::vector<PublishedEvent> events = published(harness);
  DOCTEST_REQUIRE(events.size() == 1);
  const PublishedEvent sent = expected(message);
  DOCTEST_CHECK(events[0].topic == sent.topic);
  DOCTEST_CHECK(events[0].key == sent.key);
  DOCTEST_CHECK(events[0].id == sent.id);
  DOCTEST_CHECK(events[0].payload == sent.payload);
  DOCTEST_REQUIRE(events[0].headers.size() == sent.headers.size());
  for (std::size_t i = 0; i != sent.headers.size(); ++i) {
    DOCTEST_CHECK(events[0].headers[i].first == sent.headers[i].first);
    DOCTEST_CHECK(events[0].headers[i].second == sent.headers[i].second);
  }
}

template <class Harness>
void nothing_is_there_at_first() {
  Harness harness;
  DOCTEST_CHECK(published(harness).empty());
}

template <class Harness>
void acknowledged_event_is_there_once() {
  arrives<Harness>(message_of(sample_draft()));
}

template <class Harness>
void trace_is_carried() {
  arrives<Harness>(traced(sample_draft(), 7));
}

template <class Harness>
void every_objective_arrives() {
  for (const Objective objective : all_objectives) {
    EventDraft draft = sample_draft();
    draft.objective = objective;
    arrives<Harness>(message_of(draft));
  }
}

template <class Harness>
void longest_ids_arrive() {
  EventDraft draft = sample_draft(1, std::numeric_limits<std::int64_t>::max());
  draft.id = *DraftId::parse("draft-" + std::string(58, 'Z'));
  draft.created_at = *parse_timestamp("9999-12-31T23:59:59.999Z");
  arrives<Harness>(message_of(draft));
}

template <class Harness>
void any_source_arrives() {
  for (const std::string& from :
       {std::string{"https://example.com/a?b=c&d=%20#e"}, std::string{"a \"quoted\" \\ source"},
        std::string{"urn:매장:맛있는집"}, std::string(4000, 's')}) {
    arrives<Harness>(message_of(sample_draft(), from));
  }
}

template <class Harness>
void message_is_copied() {
  Harness harness;
  const EventDraft draft = sample_draft();
  {
    std::string from{source};
    publish(harness, message_of(draft, from));
    from.assign(from.size(), 'x');
  }
  DOCTEST_CHECK((published(harness) == std::vector{expected(message_of(draft))}));
}

template <class Harness>
void order_of_a_key_is_kept() {
  Harness harness;
  std::vector<PublishedEvent> sent;
  for (std::size_t n = 1; n <= 20; ++n) {
    publish(harness, traced(sample_draft(), n));
    sent.push_back(expected(traced(sample_draft(), n)));
  }
  DOCTEST_CHECK((published(harness) == sent));
}

template <class Harness>
void expired_publish_is_refused() {
  Harness harness;
  publish(harness, traced(sample_draft(), 1));
  refuses_when_expired([&] { return harness.port().publish(traced(sample_draft(), 2), harness.expired()); });
  publish(harness, traced(sample_draft(), 3));
  DOCTEST_CHECK(
      (published(harness) == std::vector{expected(traced(sample_draft(), 1)), expected(traced(sample_draft(), 3))}));
}

template <class Harness>
void threads_publish_whole_events_in_order() {
  constexpr std::size_t threads = 32;
  constexpr std::size_t rounds = 8;
  Harness harness;
  const auto outcomes = at_once(threads, [&](std::size_t thread) -> Result<void> {
    for (std::size_t round = 1; round <= rounds; ++round) {
      BOOST_OUTCOME_TRY(harness.port().publish(traced(sample_draft(thread + 1), round), harness.deadline()));
    }
    return success();
  });
  for (const auto& outcome : outcomes) DOCTEST_CHECK(*outcome);
  const std::vector<PublishedEvent> events = published(harness);
  DOCTEST_CHECK(events.size() == threads * rounds);
  for (std::size_t thread = 0; thread != threads; ++thread) {
    const EventDraft draft = sample_draft(thread + 1);
    std::vector<PublishedEvent> own;
    std::copy_if(events.begin(), events.end(), std::back_inserter(own),
                 [&](const PublishedEvent& event) { return event.key == draft.id.view(); });
    DOCTEST_REQUIRE(own.size() == rounds);
    for (std::size_t round = 1; round <= rounds; ++round) {
      DOCTEST_CHECK((own[round - 1] == expected(traced(draft, round))));
    }
  }
}

template <class Harness>
void events_survive_a_restart() {
  restarting<Harness>([](auto& harness) {
    std::vector<PublishedEvent> sent;
    for (std::size_t n = 1; n <= 3; ++n) {
      publish(harness, traced(sample_draft(), n));
      sent.push_back(expected(traced(sample_draft(), n)));
      harness.reopen();
      DOCTEST_CHECK((published(harness) == sent));
    }
  });
}

}  // namespace event_draft::testing::contracts::publisher_laws

#define EVENT_DRAFT_PUBLISHER_LAW(Harness, text, law) EVENT_DRAFT_LAW("publisher", Harness, text, publisher_laws::law)

/// Runs the EventPublisher contract over a harness, at namespace scope.
#define EVENT_DRAFT_PUBLISHER_CONTRACT(Harness)                                                                      \
  static_assert(::event_draft::testing::PublisherHarness<Harness>);                                                  \
  EVENT_DRAFT_PUBLISHER_LAW(Harness, "nothing is there at first", nothing_is_there_at_first)                         \
  EVENT_DRAFT_PUBLISHER_LAW(Harness, "an acknowledged event is there once, as it was sent",                          \
                            acknowledged_event_is_there_once)                                                        \
  EVENT_DRAFT_PUBLISHER_LAW(Harness, "a trace is carried", trace_is_carried)                                         \
  EVENT_DRAFT_PUBLISHER_LAW(Harness, "every objective arrives", every_objective_arrives)                             \
  EVENT_DRAFT_PUBLISHER_LAW(Harness, "the longest ids arrive", longest_ids_arrive)                                   \
  EVENT_DRAFT_PUBLISHER_LAW(Harness, "any source arrives, however long", any_source_arrives)                         \
  EVENT_DRAFT_PUBLISHER_LAW(Harness, "the publisher keeps its own copy", message_is_copied)                          \
  EVENT_DRAFT_PUBLISHER_LAW(Harness, "events of one key keep their order", order_of_a_key_is_kept)                   \
  EVENT_DRAFT_PUBLISHER_LAW(Harness, "a publish past its deadline is refused", expired_publish_is_refused)           \
  EVENT_DRAFT_PUBLISHER_LAW(Harness, "threads publish whole events, each in its order",                              \
                            threads_publish_whole_events_in_order)                                                   \
  EVENT_DRAFT_PUBLISHER_LAW(Harness, "events survive a restart", events_survive_a_restart)                           \
  EVENT_DRAFT_PUBLISHER_LAW(Harness, "a batch is there in its order", batch_is_there_in_its_order)                   \
  EVENT_DRAFT_PUBLISHER_LAW(Harness, "batches and single events keep their order",                                   \
                            batches_and_single_events_keep_their_order)                                              \
  EVENT_DRAFT_PUBLISHER_LAW(Harness, "a batch past its deadline is refused", expired_batch_is_refused)               \
  EVENT_DRAFT_PUBLISHER_LAW(Harness, "threads publish batches, each in its order", threads_publish_batches_in_order) \
  EVENT_DRAFT_PUBLISHER_LAW(Harness, "batches survive a restart", batches_survive_a_restart)                         \
  static_assert(true)
