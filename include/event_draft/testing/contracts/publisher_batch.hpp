#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include <event_draft/ports.hpp>
#include <event_draft/testing/contracts/law.hpp>
#include <event_draft/testing/contracts/publisher_steps.hpp>

// What every BatchEventPublisher does; other publishers have these laws left out.
namespace event_draft::testing::contracts::publisher_laws {

template <class Harness, class Law>
void batching(Law law) {
  where_able<Harness, BatchEventPublisher<PortOf<Harness>>>("the port has no publish_all()", law);
}

/// The messages of one draft, from the first to the last; only by their traces they differ.
inline std::vector<EventMessage> traced(const EventDraft& draft, std::size_t first, std::size_t last) {
  std::vector<EventMessage> messages;
  for (std::size_t n = first; n <= last; ++n) messages.push_back(traced(draft, n));
  return messages;
}

template <class Harness>
std::vector<Result<void>> publish_all(Harness& harness, const std::vector<EventMessage>& messages, Deadline deadline) {
  std::vector<Result<void>> results(messages.size(), Error{Errc::internal_error});
  harness.port().publish_all(messages, results, deadline);
  return results;
}

template <class Harness>
void publish_all(Harness& harness, const std::vector<EventMessage>& messages) {
  for (const Result<void>& acknowledged : publish_all(harness, messages, harness.deadline())) {
    DOCTEST_REQUIRE(acknowledged);
  }
}

inline std::vector<PublishedEvent> expected(std::span<const EventMessage> messages) {
  std::vector<PublishedEvent> events;
  for (const EventMessage& message : messages) events.push_back(expected(message));
  return events;
}

template <class Harness>
void batch_is_there_in_its_order() {
  batching<Harness>([](auto& harness) {
    const auto messages = traced(sample_draft(), 1, 300);
    publish_all(harness, messages);
    DOCTEST_CHECK((published(harness) == expected(messages)));
  });
}

template <class Harness>
void batches_and_single_events_keep_their_order() {
  batching<Harness>([](auto& harness) {
    publish_all(harness, traced(sample_draft(), 1, 3));
    publish(harness, traced(sample_draft(), 4));
    publish_all(harness, {});
    publish_all(harness, traced(sample_draft(), 5, 5));
    publish_all(harness, traced(sample_draft(), 6, 9));
    DOCTEST_CHECK((published(harness) == expected(traced(sample_draft(), 1, 9))));
  });
}

template <class Harness>
void expired_batch_is_refused() {
  batching<Harness>([](auto& harness) {
    publish_all(harness, traced(sample_draft(), 1, 2));
    const auto refused = publish_all(harness, traced(sample_draft(), 3, 5), harness.expired());
    DOCTEST_CHECK((refused == std::vector<Result<void>>(3, Error{Errc::deadline_exceeded})));
    DOCTEST_CHECK((published(harness) == expected(traced(sample_draft(), 1, 2))));
  });
}

template <class Harness>
void threads_publish_batches_in_order() {
  batching<Harness>([](auto& harness) {
    constexpr std::size_t threads = 8;
    constexpr std::size_t size = 20;
    const auto outcomes = at_once(threads, [&](std::size_t thread) -> Result<void> {
      for (std::size_t round = 0; round != 3; ++round) {
        const auto batch = traced(sample_draft(thread + 1), round * size + 1, round * size + size);
        for (const Result<void>& result : publish_all(harness, batch, harness.deadline())) {
          if (!result) return result;
        }
      }
      return success();
    });
    for (const auto& outcome : outcomes) DOCTEST_CHECK(*outcome);
    const std::vector<PublishedEvent> events = published(harness);
    DOCTEST_CHECK(events.size() == threads * size * 3);
    for (std::size_t thread = 0; thread != threads; ++thread) {
      const EventDraft draft = sample_draft(thread + 1);
      std::vector<PublishedEvent> own;
      std::copy_if(events.begin(), events.end(), std::back_inserter(own),
                   [&](const PublishedEvent& event) { return event.key == draft.id.view(); });
      DOCTEST_CHECK((own == expected(traced(draft, 1, size * 3))));
    }
  });
}

template <class Harness>
void batches_survive_a_restart() {
  where_able<Harness, BatchEventPublisher<PortOf<Harness>> && Reopening<Harness>>(
      "it takes publish_all() and reopen()", [](auto& harness) {
        publish_all(harness, traced(sample_draft(), 1, 5));
        harness.reopen();
        publish_all(harness, traced(sample_draft(), 6, 9));
        DOCTEST_CHECK((published(harness) == expected(traced(sample_draft(), 1, 9))));
      });
}

}  // namespace event_draft::testing::contracts::publisher_laws
