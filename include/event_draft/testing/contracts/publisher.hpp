#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <event_draft/ports.hpp>
#include <event_draft/testing/contracts/law.hpp>

namespace event_draft::testing {

/// An event as a consumer would read it.
struct PublishedEvent {
  std::string topic;
  std::string key;
  std::string id;                                            ///< the header `ce_id`
  std::vector<std::pair<std::string, std::string>> headers;  ///< in their order
  std::string payload;

  friend bool operator==(const PublishedEvent&, const PublishedEvent&) = default;
};

/// `published()` gives what the broker holds, in its order; what it gives has PublishedEvent's members.
template <class H>
concept PublisherHarness = ContractHarness<H> && requires(H& harness) {
  harness.published().begin()->topic;
  harness.published().begin()->key;
  harness.published().begin()->id;
  harness.published().begin()->headers;
  harness.published().begin()->payload;
};

}  // namespace event_draft::testing

// What every EventPublisher does.
namespace event_draft::testing::contracts::publisher_laws {

inline constexpr std::string_view source = "/event-draft";

inline EventMessage message_of(const EventDraft& draft, std::string_view from = source,
                               std::optional<TraceParent> trace = std::nullopt) {
  return EventMessage{draft_created(draft, trace), from};
}

/// The n-th of many messages of one draft; only by their traces they differ.
inline EventMessage traced(const EventDraft& draft, std::size_t n) {
  std::string text = "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01";
  for (std::size_t at = 51; n != 0; --at, n /= 10) text[at] = static_cast<char>('0' + n % 10);
  return message_of(draft, source, TraceParent::parse(text));
}

inline PublishedEvent expected(const EventMessage& message) {
  PublishedEvent event{std::string{message.topic()},
                       std::string{message.key()},
                       std::string{message.id()},
                       {},
                       std::string{message.payload()}};
  for (const EventHeader& header : message.headers()) event.headers.emplace_back(header.name, header.value);
  return event;
}

template <class Harness>
std::vector<PublishedEvent> published(Harness& harness) {
  std::vector<PublishedEvent> events;
  for (const auto& event : harness.published()) {
    events.push_back({event.topic, event.key, event.id, event.headers, event.payload});
  }
  return events;
}

template <class Harness>
void publish(Harness& harness, const EventMessage& message) {
  const Result<void> acknowledged = harness.port().publish(message, harness.deadline());
  DOCTEST_REQUIRE(acknowledged);
}

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
#define EVENT_DRAFT_PUBLISHER_CONTRACT(Harness)                                                            \
  static_assert(::event_draft::testing::PublisherHarness<Harness>);                                        \
  EVENT_DRAFT_PUBLISHER_LAW(Harness, "nothing is there at first", nothing_is_there_at_first)               \
  EVENT_DRAFT_PUBLISHER_LAW(Harness, "an acknowledged event is there once, as it was sent",                \
                            acknowledged_event_is_there_once)                                              \
  EVENT_DRAFT_PUBLISHER_LAW(Harness, "a trace is carried", trace_is_carried)                               \
  EVENT_DRAFT_PUBLISHER_LAW(Harness, "every objective arrives", every_objective_arrives)                   \
  EVENT_DRAFT_PUBLISHER_LAW(Harness, "the longest ids arrive", longest_ids_arrive)                         \
  EVENT_DRAFT_PUBLISHER_LAW(Harness, "any source arrives, however long", any_source_arrives)               \
  EVENT_DRAFT_PUBLISHER_LAW(Harness, "the publisher keeps its own copy", message_is_copied)                \
  EVENT_DRAFT_PUBLISHER_LAW(Harness, "events of one key keep their order", order_of_a_key_is_kept)         \
  EVENT_DRAFT_PUBLISHER_LAW(Harness, "a publish past its deadline is refused", expired_publish_is_refused) \
  EVENT_DRAFT_PUBLISHER_LAW(Harness, "threads publish whole events, each in its order",                    \
                            threads_publish_whole_events_in_order)                                         \
  EVENT_DRAFT_PUBLISHER_LAW(Harness, "events survive a restart", events_survive_a_restart)                 \
  static_assert(true)
