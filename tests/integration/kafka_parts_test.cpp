// What needs no broker: the record, the settings, what a report means, who waits for it, the numbers.
#include <doctest/doctest.h>

#include <adapters/kafka/client.hpp>
#include <adapters/kafka/deliveries.hpp>
#include <adapters/kafka/delivery_error.hpp>
#include <adapters/kafka/kafka_config.hpp>
#include <adapters/kafka/record.hpp>
#include <adapters/kafka/statistics.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <event_draft/testing/contracts/publisher.hpp>
#include <event_draft/testing/printing.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace event_draft::kafka {
namespace {

using namespace std::chrono_literals;
using testing::sample_draft;
using testing::contracts::publisher_laws::message_of;
using testing::contracts::publisher_laws::traced;

constexpr Callbacks no_callbacks{nullptr, nullptr, nullptr, nullptr, nullptr};

std::vector<std::pair<std::string, std::string>> read(const Headers& headers) {
  std::vector<std::pair<std::string, std::string>> all;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  while (rd_kafka_header_get_all(headers.get(), all.size(), &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    all.emplace_back(name, std::string{static_cast<const char*>(value), size});
  }
  return all;
}

std::string refusal(Config config) {
  try {
    const Conf made = make_conf(config, no_callbacks);
    return "none";
  } catch (const ConfigError& error) {
    return error.what();
  }
}

std::string value_of(const Config& config, const char* name) {
  const Conf conf = make_conf(config, no_callbacks);
  char value[256];
  std::size_t size = sizeof value;
  REQUIRE(rd_kafka_conf_get(conf.get(), name, value, &size) == RD_KAFKA_CONF_OK);
  return value;
}

TEST_CASE("a record's headers are those of CloudEvents in binary mode, in their order") {
  CHECK((read(headers_of(message_of(sample_draft()))) ==
         std::vector<std::pair<std::string, std::string>>{{"ce_specversion", "1.0"},
                                                          {"ce_id", "draft-1.EventDraftCreated"},
                                                          {"ce_source", "/event-draft"},
                                                          {"ce_type", "EventDraftCreated"},
                                                          {"ce_time", "2026-11-23T09:00:00.123Z"},
                                                          {"ce_subject", "draft-1"},
                                                          {"content-type", "application/json"}}));
  CHECK(
      (read(headers_of(traced(sample_draft(), 7))).back() ==
       std::pair<std::string, std::string>{"traceparent", "00-0af7651916cd43dd8448eb211c80319c-0000000000000007-01"}));
}

TEST_CASE("what the promises rest on is set") {
  const Config config{.brokers = "127.0.0.1:9092"};
  CHECK(value_of(config, "bootstrap.servers") == "127.0.0.1:9092");
  CHECK(value_of(config, "enable.idempotence") == "true");
  CHECK(value_of(config, "acks") == "-1");
  CHECK(value_of(config, "partitioner") == "murmur2_random");
  CHECK(value_of(config, "linger.ms") == "0");
  CHECK(value_of(config, "allow.auto.create.topics") == "false");
  CHECK(value_of(config, "message.timeout.ms") == "2000");
}

TEST_CASE("any other property of librdkafka is passed on, and wins") {
  const std::string password = "secret";
  // [config]
  event_draft::kafka::Config config{.brokers = "127.0.0.1:9092"};
  config.properties = {{"security.protocol", "sasl_ssl"},
                       {"sasl.mechanism", "SCRAM-SHA-512"},
                       {"sasl.username", "event-service"},
                       {"sasl.password", password}};
  // [/config]
  config.properties.emplace_back("linger.ms", "3");
  CHECK(value_of(config, "linger.ms") == "3");
  CHECK(value_of(config, "security.protocol") == "sasl_ssl");
  CHECK(value_of(config, "sasl.password") == "secret");
}

TEST_CASE("a setting that can't be is named, and its value is not told") {
  Config config{.brokers = "127.0.0.1:9092"};
  config.properties = {{"security.protocol", "s3cret"}};
  CHECK(refusal(config) == "the Kafka property security.protocol can't have the value that it was given");
  config.properties = {{"sasl.pasword", "s3cret"}};
  CHECK(refusal(config) == "librdkafka has no property sasl.pasword");
  for (const char* const name : {"acks", "enable.idempotence", "delivery.report.only.error", "message.timeout.ms"}) {
    config.properties = {{name, "s3cret"}};
    CHECK(refusal(config) == std::string{"the Kafka property "} + name + " is the adapter's own");
  }
  CHECK(refusal(Config{}) == "no Kafka broker is named");
}

TEST_CASE("settings that do not go together are told when the client is made") {
  Config config{.brokers = "127.0.0.1:9092"};
  config.properties = {{"linger.ms", "60000"}};
  CHECK_THROWS_AS((Client{config, no_callbacks}), ConfigError);
}

TEST_CASE("whose fault a failure is, and what is known of the event") {
  constexpr auto never = RD_KAFKA_MSG_STATUS_NOT_PERSISTED;
  constexpr auto maybe = RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED;
  const auto error = [](auto code, auto status) { return delivery_result(code, status).assume_error(); };
  CHECK(delivery_result(RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_MSG_STATUS_PERSISTED));
  CHECK(delivery_result(RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, RD_KAFKA_MSG_STATUS_PERSISTED));
  CHECK(error(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, never) == Error{Errc::event_rejected});
  CHECK(error(RD_KAFKA_RESP_ERR_INVALID_RECORD, never) == Error{Errc::event_rejected});
  for (const auto outage : {RD_KAFKA_RESP_ERR__QUEUE_FULL, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
                            RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR__FATAL}) {
    CHECK(error(outage, never) == Error{Errc::publisher_unavailable});
  }
  for (const auto lost : {RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, RD_KAFKA_RESP_ERR__PURGE_INFLIGHT}) {
    CHECK(error(lost, maybe) == Error{Errc::publisher_unavailable, {}, Certainty::unknown});
  }
}

TEST_CASE("each event of a batch has its own result, and what is not reported in time is unknown") {
  const auto deliveries = Deliveries::of(3);
  const std::array told{&deliveries->expect(0), &deliveries->expect(1), &deliveries->expect(2)};
  told[2]->report(success());
  told[0]->report(Error{Errc::event_rejected});
  std::vector<Result<void>> results(3, Error{Errc::internal_error});
  deliveries->wait(Deadline::after(10ms), results);
  CHECK(results[0] == Result<void>{Error{Errc::event_rejected}});
  CHECK(results[1] == Result<void>{Error{Errc::deadline_exceeded, {}, Certainty::unknown}});
  CHECK(results[2]);
  told[1]->report(success());
  CHECK(results[1] == Result<void>{Error{Errc::deadline_exceeded, {}, Certainty::unknown}});
}

TEST_CASE("a report outlives whoever waited for it, and is the end of what it was for") {
  auto deliveries = Deliveries::of(2);
  const std::array told{&deliveries->expect(0), &deliveries->expect(1)};
  const std::weak_ptr<Deliveries> observed = deliveries;
  deliveries.reset();
  told[0]->report(success());
  CHECK(!observed.expired());
  told[1]->report(success());
  CHECK(observed.expired());
}

TEST_CASE("who waits is woken by the last report") {
  const auto deliveries = Deliveries::of(2);
  const std::array told{&deliveries->expect(0), &deliveries->expect(1)};
  std::thread reporter{[&] {
    for (Delivery* const each : told) {
      std::this_thread::sleep_for(20ms);
      each->report(success());
    }
  }};
  std::vector<Result<void>> results(2, Error{Errc::internal_error});
  deliveries->wait(Deadline::after(10s), results);
  reporter.join();
  CHECK(std::ranges::all_of(results, [](const auto& result) { return result.has_value(); }));
}

TEST_CASE("librdkafka's numbers are read, and what is no number counts as none") {
  CHECK(parse_statistics(R"({"brokers":{
      "127.0.0.1:9092/bootstrap":{"nodeid":-1,"state":"UP","txretries":1,"req_timeouts":0,"rtt":{"p99":5}},
      "127.0.0.1:9092/0":{"nodeid":0,"state":"UP","txretries":2,"req_timeouts":3,"rtt":{"p99":1500}},
      "127.0.0.1:9093/2":{"nodeid":2,"state":"TRY_CONNECT","txretries":0,"req_timeouts":1,"rtt":{"p99":7}}}})") ==
        ClientStatistics{1, std::chrono::microseconds{1500}, 3, 4});
  for (const char* const damaged :
       {"", "{", "[]", "{}", R"({"brokers":1})", R"({"brokers":{"a":1,"b":{"state":"UP"}}})",
        R"({"brokers":{"a":{"txretries":"x","rtt":2,"req_timeouts":-4}}})"}) {
    CAPTURE(damaged);
    CHECK(parse_statistics(damaged) == ClientStatistics{});
  }
}

}  // namespace
}  // namespace event_draft::kafka
