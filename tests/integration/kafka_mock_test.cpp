// The publisher against librdkafka's mock brokers in this process, which fail as they are told.
#include <doctest/doctest.h>
#include <librdkafka/rdkafka.h>
// After rdkafka.h.
#include <librdkafka/rdkafka_mock.h>

#include <adapters/kafka/kafka_publisher.hpp>
#include <chrono>
#include <event_draft/testing/contracts/publisher.hpp>
#include <event_draft/testing/printing.hpp>
#include <initializer_list>
#include <thread>
#include <vector>

#include "kafka_reader.hpp"

namespace event_draft::kafka {
namespace {

using namespace std::chrono_literals;
using testing::sample_draft;
using testing::contracts::publisher_laws::message_of;
using testing::contracts::publisher_laws::traced;

constexpr std::int16_t produce = 0;  // the protocol's number of it

class MockBroker {
 public:
  MockBroker() {
    rd_kafka_mock_topic_create(cluster_, std::string{event_topic}.c_str(), 3, 1);
    CHECK(rd_kafka_mock_cluster_bootstraps(cluster_) != nullptr);
  }
  MockBroker(const MockBroker&) = delete;
  MockBroker& operator=(const MockBroker&) = delete;
  ~MockBroker() {
    rd_kafka_mock_cluster_destroy(cluster_);
    rd_kafka_destroy(owner_);
  }

  [[nodiscard]] std::string url() const { return rd_kafka_mock_cluster_bootstraps(cluster_); }
  void fails(std::int16_t request, rd_kafka_resp_err_t error, std::size_t times = 1) {
    const std::vector<rd_kafka_resp_err_t> errors(times, error);
    rd_kafka_mock_push_request_errors_array(cluster_, request, times, errors.data());
  }
  void fails_no_more(std::int16_t request) { rd_kafka_mock_clear_request_errors(cluster_, request); }
  void topic_fails(rd_kafka_resp_err_t error) {
    rd_kafka_mock_topic_set_error(cluster_, std::string{event_topic}.c_str(), error);
  }
  /// The next one is carried out, but answered late.
  void is_late(std::int16_t request, std::chrono::milliseconds by) {
    rd_kafka_mock_broker_push_request_error_rtts(cluster_, 1, request, 1, RD_KAFKA_RESP_ERR_NO_ERROR,
                                                 static_cast<int>(by.count()));
  }
  void goes_away() { rd_kafka_mock_broker_set_down(cluster_, 1); }
  void comes_back() { rd_kafka_mock_broker_set_up(cluster_, 1); }

 private:
  static rd_kafka_t* owner() {
    rd_kafka_conf_t* const conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "log_level", "0", nullptr, 0);
    return rd_kafka_new(RD_KAFKA_PRODUCER, conf, nullptr, 0);
  }

  rd_kafka_t* owner_ = owner();
  rd_kafka_mock_cluster_t* cluster_ = rd_kafka_mock_cluster_new(owner_, 1);
};

struct MockFixture {
  MockBroker broker;
  KafkaPublisher publisher{config({})};

  Config config(std::vector<Property> properties) const {
    Config config{.brokers = broker.url()};
    config.message_timeout = 1s;
    config.statistics = 1s;
    config.properties = std::move(properties);
    return config;
  }
  Result<void> publish(std::size_t n = 1, std::chrono::milliseconds within = 5s) {
    return publisher.publish(traced(sample_draft(), n), Deadline::after(within));
  }
  std::vector<Result<void>> publish_all(KafkaPublisher& to, std::size_t count, std::chrono::milliseconds within = 5s) {
    std::vector<EventMessage> messages;
    for (std::size_t n = 1; n <= count; ++n) messages.push_back(traced(sample_draft(), n));
    std::vector<Result<void>> results(count, Error{Errc::internal_error});
    to.publish_all(messages, results, Deadline::after(within));
    return results;
  }
  static bool becomes_true(const auto& condition, std::chrono::milliseconds within = 10s) {
    const auto until = Deadline::after(within);
    while (!until.expired()) {
      if (condition()) return true;
      std::this_thread::sleep_for(20ms);
    }
    return false;
  }
  /// Whether a publish succeeds soon.
  bool recovers(std::chrono::milliseconds within = 2s) {
    return becomes_true([&] { return publish(99, 500ms).has_value(); }, within);
  }
};

Result<void> failure(Errc code, Certainty certainty) { return Error{code, {}, certainty}; }

TEST_CASE_FIXTURE(MockFixture, "errors that pass are tried again") {
  Config several_tries = config({});
  several_tries.message_timeout = 10s;
  KafkaPublisher patient{several_tries};
  for (const auto error : {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND,
                           RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                           RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR, RD_KAFKA_RESP_ERR__TRANSPORT}) {
    CAPTURE(rd_kafka_err2name(error));
    broker.fails(produce, error, 2);
    CHECK(patient.publish(message_of(sample_draft()), Deadline::after(20s)));
  }
  CHECK(patient.statistics().rebuilds == 0);
}

TEST_CASE_FIXTURE(MockFixture, "what the replicas are too few for is not there") {
  broker.fails(produce, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, 1000);
  CHECK(publish() == failure(Errc::publisher_unavailable, Certainty::not_applied));
  broker.fails_no_more(produce);
  CHECK(recovers());
}

TEST_CASE_FIXTURE(MockFixture, "what the replicas became too few for may be there") {
  broker.fails(produce, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND, 1000);
  CHECK(publish() == failure(Errc::publisher_unavailable, Certainty::unknown));
}

TEST_CASE_FIXTURE(MockFixture, "an acknowledgement that comes after the deadline finds nobody waiting") {
  testing::KafkaReader reader{broker.url()};
  broker.is_late(produce, 400ms);
  const auto began = std::chrono::steady_clock::now();
  CHECK(publish(1, 100ms) == failure(Errc::deadline_exceeded, Certainty::unknown));
  CHECK(std::chrono::steady_clock::now() - began < 1100ms);
  CHECK(publish(2));
  CHECK(publisher.statistics().acknowledged == 2);
  CHECK(reader.read().size() == 2);
}

TEST_CASE_FIXTURE(MockFixture, "a lost acknowledgement is unknown, and the event that is sent again has the same id") {
  testing::KafkaReader reader{broker.url()};
  for (int i = 0; i != 2; ++i) broker.is_late(produce, 5s);  // the client may just find the time to try a second time
  CHECK(publish() == failure(Errc::publisher_unavailable, Certainty::unknown));
  CHECK(recovers(6s));
  const auto events = reader.read();
  REQUIRE(events.size() >= 2);
  for (const auto& event : events) CHECK(event.id == events.front().id);
}

TEST_CASE_FIXTURE(MockFixture, "after a fatal error there is a new client") {
  broker.fails(produce, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
  const auto failed = publish();
  REQUIRE(!failed);
  CHECK(failed.assume_error().code == Errc::publisher_unavailable);
  CHECK(recovers());
  CHECK(publisher.statistics().rebuilds == 1);
}

TEST_CASE_FIXTURE(MockFixture, "clients are not made without pause") {
  broker.fails(produce, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, 1000);
  for (const auto until = Deadline::after(2500ms); !until.expired(); std::this_thread::sleep_for(5ms)) {
    CHECK(!publish(1, 100ms));
  }
  const auto rebuilds = publisher.statistics().rebuilds;
  CHECK(rebuilds >= 2);
  CHECK(rebuilds <= 3);
}

TEST_CASE_FIXTURE(MockFixture, "what the broker calls the event's own fault is rejected") {
  for (const auto error : {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_INVALID_RECORD}) {
    CAPTURE(rd_kafka_err2name(error));
    broker.fails(produce, error);
    CHECK(publish() == failure(Errc::event_rejected, Certainty::not_applied));
    CHECK(publish());
  }
  CHECK(publisher.statistics().rejected == 2);
}

TEST_CASE_FIXTURE(MockFixture, "a batch that is too large for the broker is tried event by event") {
  testing::KafkaReader reader{broker.url()};
  broker.fails(produce, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
  const auto results = publish_all(publisher, 10);
  CHECK(results == std::vector<Result<void>>(10, success()));
  CHECK(reader.read().size() == 10);
}

TEST_CASE_FIXTURE(MockFixture, "a missing permission is an outage, and ends with it") {
  broker.fails(produce, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  CHECK(publish() == failure(Errc::publisher_unavailable, Certainty::not_applied));
  CHECK(recovers(7s));
}

TEST_CASE_FIXTURE(MockFixture,
                  "an event larger than the client may send is rejected, the others of its batch are not") {
  KafkaPublisher small{config({{"message.max.bytes", "1000"}})};
  const std::string source(4000, 's');
  const std::vector messages{message_of(sample_draft(1)), message_of(sample_draft(2), source),
                             message_of(sample_draft(3))};
  std::vector<Result<void>> results(3, Error{Errc::internal_error});
  small.publish_all(messages, results, Deadline::after(5s));
  CHECK(results[0]);
  CHECK(results[1] == failure(Errc::event_rejected, Certainty::not_applied));
  CHECK(results[2]);
}

TEST_CASE_FIXTURE(MockFixture, "what does not fit in the queue is not handed over, nor what comes after it") {
  KafkaPublisher narrow{config({{"queue.buffering.max.messages", "3"}})};
  broker.goes_away();
  const auto results = publish_all(narrow, 5, 200ms);
  for (std::size_t i = 0; i != 3; ++i) CHECK(results[i] == failure(Errc::deadline_exceeded, Certainty::unknown));
  for (std::size_t i = 3; i != 5; ++i) {
    CHECK(results[i] == failure(Errc::publisher_unavailable, Certainty::not_applied));
  }
  CHECK(becomes_true(
      [&] { return narrow.statistics().waiting == 3; }));  // librdkafka counts its own events, too, until they are read
}

TEST_CASE_FIXTURE(MockFixture, "what would fit does not overtake what did not") {
  KafkaPublisher narrow{config({{"queue.buffering.max.kbytes", "1"}})};
  broker.goes_away();
  EventDraft longer = sample_draft();
  longer.id = *DraftId::parse("draft-" + std::string(58, 'Z'));
  std::vector<EventMessage> messages(8, message_of(sample_draft()));  // 904 bytes of 1024
  messages.push_back(message_of(longer));                             // 170
  messages.push_back(message_of(sample_draft()));                     // 113
  std::vector<Result<void>> results(messages.size(), Error{Errc::internal_error});
  narrow.publish_all(messages, results, Deadline::after(100ms));
  CHECK(results[7] == failure(Errc::deadline_exceeded, Certainty::unknown));
  CHECK(results[8] == failure(Errc::publisher_unavailable, Certainty::not_applied));
  CHECK(results[9] == failure(Errc::publisher_unavailable, Certainty::not_applied));
}

TEST_CASE_FIXTURE(MockFixture, "a broker that hangs up and comes back is found within two seconds") {
  CHECK(publish());
  broker.goes_away();
  CHECK(!publish(2, 200ms));
  CHECK(!publisher.ready(Deadline::after(200ms)));
  std::this_thread::sleep_for(1s);
  broker.comes_back();
  CHECK(recovers());
  CHECK(publisher.ready(Deadline::after(1s)));
}

TEST_CASE_FIXTURE(MockFixture, "the end of a publisher waits for reports, but not for ever") {
  Config impatient = config({});
  impatient.flush = 200ms;
  impatient.message_timeout = 60s;
  std::optional<KafkaPublisher> leaving{std::in_place, impatient};
  CHECK(leaving->publish(message_of(sample_draft()), Deadline::after(5s)));
  broker.goes_away();
  CHECK(!leaving->publish(message_of(sample_draft()), Deadline::after(50ms)));
  const auto began = std::chrono::steady_clock::now();
  leaving.reset();
  CHECK(std::chrono::steady_clock::now() - began < 1500ms);
}

TEST_CASE_FIXTURE(MockFixture, "the end of a publisher lets go out what its callers no longer wait for") {
  testing::KafkaReader reader{broker.url()};
  std::optional<KafkaPublisher> leaving{std::in_place, config({})};
  broker.is_late(produce, 200ms);
  CHECK(!leaving->publish(message_of(sample_draft()), Deadline::after(20ms)));
  CHECK(!leaving->publish(message_of(sample_draft()), Deadline::after(20ms)));
  leaving.reset();
  CHECK(reader.read().size() == 2);
}

TEST_CASE_FIXTURE(MockFixture, "the numbers are there") {
  CHECK(publish());
  CHECK(publisher.statistics().acknowledged == 1);
  CHECK(becomes_true([&] {  // the client tells once a second
    const auto told = publisher.statistics().client;
    return told.brokers_up == 1 && told.round_trip.count() > 0;
  }));
}

TEST_CASE_FIXTURE(MockFixture, "a topic that a broker does not know is an outage, and ends with it") {
  broker.topic_fails(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  KafkaPublisher early{config({})};
  const auto failed = early.publish(message_of(sample_draft()), Deadline::after(3s));
  REQUIRE(!failed);
  CHECK(failed == failure(Errc::publisher_unavailable, Certainty::not_applied));
  CHECK(!early.ready(Deadline::after(1s)));
  broker.topic_fails(RD_KAFKA_RESP_ERR_NO_ERROR);
  std::this_thread::sleep_for(1500ms);
  CHECK(early.ready(Deadline::after(1s)));
  CHECK(early.publish(message_of(sample_draft()), Deadline::after(500ms)));
}

}  // namespace
}  // namespace event_draft::kafka
