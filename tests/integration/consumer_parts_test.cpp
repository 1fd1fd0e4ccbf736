// The Analytics Service without Kafka: reading a record, counting, remembering, reporting.
#include <doctest/doctest.h>
#include <librdkafka/rdkafka.h>
// After rdkafka.h.
#include <librdkafka/rdkafka_mock.h>

#include <chrono>
#include <consumer/consumer.hpp>
#include <consumer/progress.hpp>
#include <consumer/received_event.hpp>
#include <consumer/recent_ids.hpp>
#include <consumer/report.hpp>
#include <consumer/tally.hpp>
#include <consumer/text_width.hpp>
#include <event_draft/event_message.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "../contract/temporary_directory.hpp"

namespace event_draft::consumer {
namespace {

Record record(std::string_view payload, std::string_view id = "draft-1.EventDraftCreated",
              std::string_view type = "EventDraftCreated") {
  return {payload, {{"ce_specversion", "1.0"}, {"ce_id", id}, {"ce_source", "/event-draft"}, {"ce_type", type}}};
}

constexpr std::string_view sample =
    R"({"eventDraftId":"draft-1","userId":123,"objective":"매출 증대","createdAt":"2026-11-23T23:59:59.999Z"})";

ReceivedEvent event(const std::string& id, Objective objective = Objective::sales_growth,
                    const std::string& day = "2026-11-23", EventType type = EventType::event_draft_created) {
  return {id, "/event-draft", type, objective, day};
}

std::string why_unreadable(const Record& given) {
  const auto read = read_event(given);
  return std::holds_alternative<Unreadable>(read) ? std::get<Unreadable>(read) : "readable";
}

TEST_CASE("a record tells id, source, type, objective and the day in UTC") {
  const auto read = std::get<ReceivedEvent>(read_event(record(sample)));
  CHECK(read.id == "draft-1.EventDraftCreated");
  CHECK(read.source == "/event-draft");
  CHECK(read.type == EventType::event_draft_created);
  CHECK(read.objective == Objective::sales_growth);
  CHECK(read.day == "2026-11-23");
}

TEST_CASE("a poison record is told, whatever it holds") {
  CHECK(why_unreadable({sample, {}}) == "it has no event id (ce_id and ce_source)");
  CHECK(why_unreadable(record(sample, "a\nb")) == "it has no event id (ce_id and ce_source)");
  CHECK(why_unreadable(record(sample, "\xff")) == "it has no event id (ce_id and ce_source)");
  CHECK(why_unreadable(record(sample, std::string(5000, 'x'))) == "it has no event id (ce_id and ce_source)");
  CHECK(why_unreadable(record(sample, "1", "Other")) == "its type (ce_type) is unknown");
  for (const std::string_view value : {"", "{", "[]", "null", "\"a\"", "\xff\xfe", "{}{}"}) {
    CHECK(why_unreadable(record(value)) == "its value is not a JSON object");
  }
  CHECK(why_unreadable(record(std::string(10'000, '['))) == "its value is not a JSON object");
  CHECK(why_unreadable(record("{}")) == "its objective is unknown");
  CHECK(why_unreadable(record(R"({"objective":1})")) == "its objective is unknown");
  CHECK(why_unreadable(record(R"({"objective":"매출 증대"})")) == "its createdAt is no time");
  CHECK(why_unreadable(record(R"({"objective":"매출 증대","createdAt":"2026-13-01T00:00:00.000Z"})")) ==
        "its createdAt is no time");
}

TEST_CASE("a draft counts once on its day, however often its event is sent") {
  Tally tally{100};
  tally.add(event("1"));
  tally.add(event("2", Objective::new_customers));
  tally.add(event("1"));
  tally.add(event("3", Objective::sales_growth, "2026-11-24"));
  CHECK(tally.days().at("2026-11-23")[column_of(Objective::sales_growth)] == 1);
  CHECK(tally.days().at("2026-11-23")[column_of(Objective::new_customers)] == 1);
  CHECK(tally.days().at("2026-11-24")[column_of(Objective::sales_growth)] == 1);
  CHECK(tally.resends() == 1);
}

TEST_CASE("ids are the same only within a source") {
  Tally tally{100};
  tally.add(event("1"));
  ReceivedEvent other = event("1");
  other.source = "/another";
  tally.add(other);
  CHECK(tally.days().at("2026-11-23")[column_of(Objective::sales_growth)] == 2);
  CHECK(tally.resends() == 0);
}

TEST_CASE("an approval is no further draft") {
  Tally tally{100};
  tally.add(event("1"));
  tally.add(event("2", Objective::sales_growth, "2026-11-23", EventType::event_created));
  CHECK(tally.days().at("2026-11-23")[column_of(Objective::sales_growth)] == 1);
}

TEST_CASE("the oldest ids are forgotten") {
  RecentIds ids{2};
  CHECK(ids.add("a"));
  CHECK(ids.add("b"));
  CHECK(!ids.add("a"));
  CHECK(ids.add("c"));
  CHECK(!ids.add("b"));
  CHECK(ids.add("a"));
  CHECK((std::vector<std::string>{ids.all().begin(), ids.all().end()} == std::vector<std::string>{"c", "a"}));
}

TEST_CASE("Korean text takes two columns a syllable") {
  CHECK(text_width("") == 0);
  CHECK(text_width("abc") == 3);
  CHECK(text_width("매출 증대") == 9);
  CHECK(text_width("\u1106\u1162\u110e\u116e\u11af") == 4);  // the first two of them, decomposed
  CHECK(text_width("\xff") == 1);
  CHECK(text_width("漢字。") == 6);
  CHECK(right("합계", 6) == "  합계");
  CHECK(right("merely long", 3) == "merely long");
}

TEST_CASE("all lines of a table end in the same column") {
  Tally tally{100};
  tally.add(event("1"));
  tally.add(event("2", Objective::new_customers));
  tally.add(event("3", Objective::new_customers, "2026-11-24"));
  tally.add(event("3", Objective::new_customers, "2026-11-24"));
  tally.add_unreadable();
  CHECK(table_text(tally) ==
        "      날짜  신규 고객 유치  재방문 유도  매출 증대  인지도 향상      합계\n"
        "2026-11-23               1            0          1            0         2\n"
        "2026-11-24               1            0          0            0         1\n"
        "      합계               2            0          1            0         3\n"
        "1 resends, 1 unreadable\n");
}

TEST_CASE("the CSV has a line for each count") {
  Tally tally{100};
  CHECK(csv_text(tally) == "day,objective,drafts\n");
  tally.add(event("1"));
  tally.add(event("2", Objective::new_customers));
  CHECK(csv_text(tally) == "day,objective,drafts\n2026-11-23,신규 고객 유치,1\n2026-11-23,매출 증대,1\n");
}

TEST_CASE("a restart goes on from what was written down") {
  Tally tally{100};
  tally.add(event("1"));
  tally.add(event("1"));
  tally.add_unreadable();
  Tally restarted{100};
  CHECK((read_progress(progress_text(tally, {{0, 5}, {2, 7}}), restarted) == Offsets{{0, 5}, {2, 7}}));
  CHECK(table_text(restarted) == table_text(tally));
  restarted.add(event("1"));
  CHECK(restarted.resends() == 2);
  CHECK(csv_text(restarted) == csv_text(tally));
}

TEST_CASE("progress that is damaged or another's is refused") {
  for (const std::string_view text :
       {"", "{", "[]", R"({"version":2})",
        R"({"version":1,"offsets":{"x":1},"days":{},"ids":[],"resends":0,"unreadable":0})",
        R"({"version":1,"offsets":{},"days":{"2026-11-23":[1]},"ids":[],"resends":0,"unreadable":0})"}) {
    CAPTURE(text);
    Tally tally{100};
    CHECK_THROWS_AS(static_cast<void>(read_progress(text, tally)), std::runtime_error);
  }
}

TEST_CASE("partitions that come and go one by one are refused") {
  const std::vector<kafka::Property> properties{{"partition.assignment.strategy", "range,cooperative-sticky"}};
  CHECK_THROWS_WITH_AS(Consumer("127.0.0.1:1", "group", properties, {}, {}),
                       "the Kafka property partition.assignment.strategy can't be cooperative-sticky here",
                       kafka::ConfigError);
}

/// librdkafka's mock broker, which has consumer groups, too.
class MockBroker {
 public:
  MockBroker() { rd_kafka_mock_topic_create(cluster_, std::string{event_topic}.c_str(), 3, 1); }
  MockBroker(const MockBroker&) = delete;
  MockBroker& operator=(const MockBroker&) = delete;
  ~MockBroker() {
    rd_kafka_mock_cluster_destroy(cluster_);
    rd_kafka_destroy(owner_);
  }
  [[nodiscard]] std::string url() const { return rd_kafka_mock_cluster_bootstraps(cluster_); }
  void write(const char* value) const {
    rd_kafka_brokers_add(owner_, url().c_str());
    rd_kafka_topic_t* const topic = rd_kafka_topic_new(owner_, std::string{event_topic}.c_str(), nullptr);
    rd_kafka_produce(topic, 0, RD_KAFKA_MSG_F_COPY, const_cast<char*>(value), std::string_view{value}.size(), nullptr,
                     0, nullptr);
    rd_kafka_topic_destroy(topic);
    REQUIRE(rd_kafka_flush(owner_, 10'000) == RD_KAFKA_RESP_ERR_NO_ERROR);
  }

 private:
  rd_kafka_t* owner_ = rd_kafka_new(RD_KAFKA_PRODUCER, nullptr, nullptr, 0);
  rd_kafka_mock_cluster_t* cluster_ = rd_kafka_mock_cluster_new(owner_, 1);
};

TEST_CASE("a rebalance that fails ends the polling") {
  const MockBroker broker;
  broker.write("anything");
  const std::vector<kafka::Property> properties{{"heartbeat.interval.ms", "200"}};
  const auto ignore = [](std::string_view) {};
  bool has_read = false;
  Consumer first{broker.url(),
                 "group",
                 properties,
                 {},
                 {[&](auto&&...) { has_read = true; }, [] { throw std::runtime_error{"the disk is full"}; }, ignore}};
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  const auto poll = [&] {
    REQUIRE(std::chrono::steady_clock::now() < until);
    static_cast<void>(first.poll(std::chrono::milliseconds{50}));
  };
  while (!has_read) poll();
  const Consumer second{broker.url(), "group", properties, {}, {[](auto&&...) {}, [] {}, ignore}};
  const auto poll_on = [&] {
    for (;;) poll();
  };
  CHECK_THROWS_WITH_AS(poll_on(), "the disk is full", std::runtime_error);
}

TEST_CASE("a file is replaced as a whole, or stays") {
  const testing::TemporaryDirectory directory;
  const auto path = directory.path() / "counts.csv";
  replace_file(path, "one\n");
  replace_file(path, "two\n");
  CHECK(std::filesystem::file_size(path) == 4);
  CHECK_THROWS_AS(replace_file(directory.path() / "absent" / "counts.csv", "x"), std::filesystem::filesystem_error);
}

}  // namespace
}  // namespace event_draft::consumer
