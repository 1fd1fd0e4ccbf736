#include <doctest/doctest.h>

#include <event_draft/event_message.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "samples.hpp"

using namespace event_draft;

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs pairs(const EventMessage& message) {
  Pairs all;
  for (const EventHeader& header : message.headers()) all.emplace_back(header.name, header.value);
  return all;
}

Pairs example_headers() {
  return {{"ce_specversion", "1.0"},           {"ce_id", "draft-1.EventDraftCreated"},  {"ce_source", "/shop"},
          {"ce_type", "EventDraftCreated"},    {"ce_time", "2026-11-23T09:00:00.123Z"}, {"ce_subject", "draft-1"},
          {"content-type", "application/json"}};
}

}  // namespace

TEST_CASE("event message: the specification's topic and payload, keyed by the draft") {
  const auto event = EventMessage{draft_created(samples::draft()), "/shop"};
  CHECK(event.topic() == "event-topic");
  CHECK(event.key() == "draft-1");
  CHECK(event.type() == "EventDraftCreated");
  CHECK(event.id() == "draft-1.EventDraftCreated");
  CHECK(
      event.payload() ==
      R"({"eventDraftId":"draft-1","userId":123,"objective":"신규 고객 유치","createdAt":"2026-11-23T09:00:00.123Z"})");
}

TEST_CASE("event message: CloudEvents headers in their order, without a trace") {
  const auto event = EventMessage{draft_created(samples::draft()), "/shop"};
  CHECK(pairs(event) == example_headers());
  CHECK(event.headers().size() == 7);
}

TEST_CASE("event message: a trace is the last header") {
  const auto trace = TraceParent::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  const auto event = EventMessage{draft_created(samples::draft(), trace), "/shop"};
  Pairs expected = example_headers();
  expected.emplace_back("traceparent", trace->view());
  CHECK(pairs(event) == expected);
  CHECK(event.headers().size() == 8);
}

TEST_CASE("event message: the same draft gives the same message, another draft another id") {
  const auto one = EventMessage{draft_created(samples::draft()), "/shop"};
  const auto again = EventMessage{draft_created(samples::draft()), "/shop"};
  CHECK(one.id() == again.id());
  CHECK(one.payload() == again.payload());
  CHECK(pairs(one) == pairs(again));
  EventDraft other = samples::draft();
  other.id = DraftId::numbered(2);
  CHECK(EventMessage{draft_created(other), "/shop"}.id() != one.id());
}

TEST_CASE("event message: a copy owns its text") {
  std::optional<EventMessage> original = EventMessage{draft_created(samples::draft()), "/shop"};
  const EventMessage copy = *original;
  original = EventMessage{draft_created(samples::largest_draft("x")), "/other"};
  CHECK(copy.id() == "draft-1.EventDraftCreated");
  CHECK(pairs(copy) == example_headers());
}

TEST_CASE("event message: the largest draft's is whole") {
  const EventDraft draft = samples::largest_draft("\"");  // of the longest objective too
  const auto event = EventMessage{draft_created(draft), "/shop"};
  const std::string id{draft.id.view()};
  CHECK(event.id() == id + ".EventDraftCreated");
  CHECK(event.payload() == "{\"eventDraftId\":\"" + id +
                               "\",\"userId\":9223372036854775807,\"objective\":\"신규 고객 유치\","
                               "\"createdAt\":\"2026-11-23T09:00:00.123Z\"}");
}

TEST_CASE("event message: of an approval, which happened at another time than the draft") {
  EventDraft draft = samples::draft();
  draft.status = DraftStatus::approved;
  const DraftEvent event = draft_approved(draft, samples::time("2026-12-01T00:00:00.007Z"));
  const EventMessage message{event, "/shop"};
  CHECK(message.topic() == "event-topic");
  CHECK(message.key() == "draft-1");
  CHECK(message.type() == "EventCreated");
  CHECK(message.id() == "draft-1.EventCreated");
  CHECK(message.payload() == R"({"eventDraftId":"draft-1","userId":123,"objective":"신규 고객 유치",)"
                             R"("createdAt":"2026-11-23T09:00:00.123Z","approvedAt":"2026-12-01T00:00:00.007Z"})");
  Pairs expected = example_headers();
  expected[1].second = "draft-1.EventCreated";
  expected[3].second = "EventCreated";
  expected[4].second = "2026-12-01T00:00:00.007Z";
  CHECK(pairs(message) == expected);
}

TEST_CASE("event message: the largest approval's is whole") {
  const EventDraft draft = samples::largest_draft("x");
  const EventMessage message{draft_approved(draft, samples::time("9999-12-31T23:59:59.999Z")), "/shop"};
  const std::string id{draft.id.view()};
  CHECK(message.id() == id + ".EventCreated");
  CHECK(message.payload() == "{\"eventDraftId\":\"" + id +
                                 "\",\"userId\":9223372036854775807,\"objective\":\"신규 고객 유치\","
                                 "\"createdAt\":\"2026-11-23T09:00:00.123Z\","
                                 "\"approvedAt\":\"9999-12-31T23:59:59.999Z\"}");
}
