#pragma once

#include <doctest/doctest.h>
#include <librdkafka/rdkafka.h>

#include <event_draft/event_message.hpp>
#include <string>

namespace event_draft::testing {

/// Deletes `event-topic` and makes it again.
class KafkaAdmin {
 public:
  explicit KafkaAdmin(const std::string& brokers) {
    rd_kafka_conf_t* const conf = rd_kafka_conf_new();
    REQUIRE(rd_kafka_conf_set(conf, "bootstrap.servers", brokers.c_str(), nullptr, 0) == RD_KAFKA_CONF_OK);
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
    await_answer();
  }

  void create_topic() {
    rd_kafka_NewTopic_t* topic = rd_kafka_NewTopic_new(name_.c_str(), 3, 1, nullptr, 0);
    rd_kafka_CreateTopics(client_, &topic, 1, nullptr, answers_);
    rd_kafka_NewTopic_destroy(topic);
    await_answer();
  }

 private:
  void await_answer() {
    rd_kafka_event_t* const event = rd_kafka_queue_poll(answers_, 10'000);
    REQUIRE(event != nullptr);
    REQUIRE_MESSAGE(rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR, rd_kafka_event_error_string(event));
    rd_kafka_event_destroy(event);
  }

  std::string name_{event_topic};
  rd_kafka_t* client_ = nullptr;
  rd_kafka_queue_t* answers_ = nullptr;
};

}  // namespace event_draft::testing
