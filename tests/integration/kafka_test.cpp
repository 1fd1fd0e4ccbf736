// The publisher against a real broker, which is paused; what librdkafka's mock can serve, too.
#include <doctest/doctest.h>

#include <adapters/kafka/kafka_publisher.hpp>
#include <algorithm>
#include <array>
#include <atomic>
#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <event_draft/testing/contracts/publisher.hpp>
#include <event_draft/testing/printing.hpp>
#include <fstream>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "kafka_fixture.hpp"
#include "kafka_reader.hpp"

namespace event_draft::kafka {
namespace {

TEST_CASE_FIXTURE(Fixture, "another client reads exactly the record of the specification") {
  await_publish();
  REQUIRE(publish(message_of(sample_draft(123))));
  const auto records = kcat(url, "draft-123");
  REQUIRE(records.size() == 1);
  CHECK(records[0].at("topic") == "event-topic");
  CHECK(
      records[0].at("payload") ==
      R"({"eventDraftId":"draft-123","userId":123,"objective":"신규 고객 유치","createdAt":"2026-11-23T09:00:00.123Z"})");
  CHECK((records[0].at("headers") == boost::json::array{"ce_specversion", "1.0", "ce_id", "draft-123.EventDraftCreated",
                                                        "ce_source", "/event-draft", "ce_type", "EventDraftCreated",
                                                        "ce_time", "2026-11-23T09:00:00.123Z", "ce_subject",
                                                        "draft-123", "content-type", "application/json"}));
}

TEST_CASE_FIXTURE(Fixture, "while the broker hangs a publish returns by its deadline, and what it left arrives later") {
  const auto message = message_of(sample_draft(next_number()));
  testing::KafkaReader reader{url};
  await_publish();
  pause();
  const auto began = Clock::now();
  CHECK(publish(message, 200ms) == Result<void>{Error{Errc::deadline_exceeded, {}, Certainty::unknown}});
  CHECK(Clock::now() - began < 1200ms);
  server.resume();
  const auto arrivals = [&] { return std::ranges::count(reader.read(), message.id(), &testing::PublishedEvent::id); };
  for (const auto until = Deadline::after(10s); arrivals() == 0 && !until.expired();) std::this_thread::sleep_for(50ms);
  CHECK(arrivals() == 1);
}

TEST_CASE_FIXTURE(Fixture, "after a long pause an event is sent again under its id") {
  const auto message = message_of(sample_draft(next_number()));
  testing::KafkaReader reader{url};
  await_publish();
  pause();
  const auto failed = publish(message, 4s);
  CHECK(failed == Result<void>{Error{Errc::publisher_unavailable, {}, Certainty::unknown}});
  for (int i = 0; i != 3; ++i) CHECK(!publish(message, 100ms));
  CHECK(!publisher.ready(Deadline::after(200ms)));
  server.resume();
  CHECK(recovery(publisher, message) < 2s);
  // A broker that hung for longer than its session is fenced for a moment, which may come after that publish.
  CHECK(time_until([&] { return publisher.ready(Deadline::after(300ms)); }) < 2s);
  const auto events = reader.read();
  CHECK(std::ranges::count(events, message.id(), &testing::PublishedEvent::id) >= 1);
}

}  // namespace
}  // namespace event_draft::kafka
