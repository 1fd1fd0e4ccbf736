#pragma once

#include <doctest/doctest.h>
#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <event_draft/deadline.hpp>
#include <event_draft/event_message.hpp>
#include <string>
#include <thread>
#include <vector>

namespace event_draft::testing {

/// What an administrator does to `event-topic`, and sees of it.
class KafkaAdmin {
 public:
  explicit KafkaAdmin(const std::string& brokers) {
    rd_kafka_conf_t* const conf = rd_kafka_conf_new();
    REQUIRE(rd_kafka_conf_set(conf, "bootstrap.servers", brokers.c_str(), nullptr, 0) == RD_KAFKA_CONF_OK);
    REQUIRE(rd_kafka_conf_set(conf, "log_level", "2", nullptr, 0) == RD_KAFKA_CONF_OK);
    REQUIRE(rd_kafka_conf_set(conf, "socket.timeout.ms", "2000", nullptr, 0) == RD_KAFKA_CONF_OK);
    client_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, nullptr, 0);
    REQUIRE(client_ != nullptr);
    answers_ = rd_kafka_queue_new(client_);
  }
  KafkaAdmin(const KafkaAdmin&) = delete;
  KafkaAdmin& operator=(const KafkaAdmin&) = delete;
  ~KafkaAdmin() {
    rd_kafka_queue_destroy(answers_);
    rd_kafka_destroy(client_);
  }

  void delete_topic() {
    rd_kafka_DeleteTopic_t* topic = rd_kafka_DeleteTopic_new(name_.c_str());
    rd_kafka_DeleteTopics(client_, &topic, 1, nullptr, answers_);
    rd_kafka_DeleteTopic_destroy(topic);
    const auto error = answer();
    REQUIRE_MESSAGE(error == RD_KAFKA_RESP_ERR_NO_ERROR, std::string{rd_kafka_err2str(error)});
  }

  void create_topic() {
    rd_kafka_NewTopic_t* topic = rd_kafka_NewTopic_new(name_.c_str(), 3, 1, nullptr, 0);
    rd_kafka_CreateTopics(client_, &topic, 1, nullptr, answers_);
    rd_kafka_NewTopic_destroy(topic);
    const auto error = answer();
    REQUIRE_MESSAGE(error == RD_KAFKA_RESP_ERR_NO_ERROR, std::string{rd_kafka_err2str(error)});
  }

  /// As often as it takes: a cluster that has just lost a node, or has it back, may not answer in time.
  void set(const char* setting, const char* value) {
    const Deadline patience = Deadline::after(std::chrono::seconds{40});
    for (auto error = RD_KAFKA_RESP_ERR__TIMED_OUT; error != RD_KAFKA_RESP_ERR_NO_ERROR;) {
      REQUIRE_MESSAGE(!patience.expired(), std::string{rd_kafka_err2str(error)});
      rd_kafka_ConfigResource_t* topic = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name_.c_str());
      REQUIRE(rd_kafka_ConfigResource_set_config(topic, setting, value) == RD_KAFKA_RESP_ERR_NO_ERROR);
      rd_kafka_AlterConfigs(client_, &topic, 1, nullptr, answers_);
      rd_kafka_ConfigResource_destroy(topic);
      error = answer();
      if (error != RD_KAFKA_RESP_ERR_NO_ERROR) std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
  }

  struct Partition {
    std::int32_t leader = -1;  ///< the node's number; -1 for none
    std::size_t in_sync = 0;   ///< replicas, the leader too
  };
  /// As a broker sees them, or nothing if none can be asked.
  [[nodiscard]] std::vector<Partition> partitions() {
    rd_kafka_topic_t* const topic = rd_kafka_topic_new(client_, name_.c_str(), nullptr);
    const rd_kafka_metadata_t* seen = nullptr;
    const auto error = rd_kafka_metadata(client_, 0, topic, &seen, 1000);
    rd_kafka_topic_destroy(topic);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return {};
    std::vector<Partition> partitions(static_cast<std::size_t>(seen->topics[0].partition_cnt));
    for (std::size_t i = 0; i != partitions.size(); ++i) {
      const auto& each = seen->topics[0].partitions[i];
      partitions[static_cast<std::size_t>(each.id)] = {each.leader, static_cast<std::size_t>(each.isr_cnt)};
    }
    rd_kafka_metadata_destroy(seen);
    return partitions;
  }

 private:
  rd_kafka_resp_err_t answer() {
    rd_kafka_event_t* const event = rd_kafka_queue_poll(answers_, 10'000);
    REQUIRE(event != nullptr);  // it would be taken for the next request's
    const auto error = error_of(event);
    rd_kafka_event_destroy(event);
    return error;
  }

  /// Of the one topic that was asked for, if there is an answer at all.
  static rd_kafka_resp_err_t error_of(rd_kafka_event_t* event) {
    if (const auto error = rd_kafka_event_error(event); error != RD_KAFKA_RESP_ERR_NO_ERROR) return error;
    std::size_t count = 0;
    if (const auto* const altered = rd_kafka_event_AlterConfigs_result(event))
      return rd_kafka_ConfigResource_error(*rd_kafka_AlterConfigs_result_resources(altered, &count));
    if (const auto* const created = rd_kafka_event_CreateTopics_result(event))
      return rd_kafka_topic_result_error(*rd_kafka_CreateTopics_result_topics(created, &count));
    return rd_kafka_topic_result_error(
        *rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), &count));
  }

  std::string name_{event_topic};
  rd_kafka_t* client_ = nullptr;
  rd_kafka_queue_t* answers_ = nullptr;
};

}  // namespace event_draft::testing
