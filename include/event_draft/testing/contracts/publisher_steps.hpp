#pragma once

#include <cstddef>
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

// What the laws of publishers do again and again.
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

}  // namespace event_draft::testing::contracts::publisher_laws
