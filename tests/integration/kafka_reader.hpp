#pragma once

#include <doctest/doctest.h>
#include <librdkafka/rdkafka.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <event_draft/testing/contracts/publisher.hpp>
#include <memory>
#include <string>
#include <vector>

namespace event_draft::testing {

/// What has been written to `event-topic` since it was made, as a consumer of its own reads it. Partition by partition, so a
/// draft's events are in their order.
class KafkaReader {
 public:
  explicit KafkaReader(const std::string& brokers) : client_{make(brokers)} {
    for (std::int32_t i = 0; i != partitions; ++i) begin_[static_cast<std::size_t>(i)] = end_of(i);
  }
  KafkaReader(const KafkaReader&) = delete;
  KafkaReader& operator=(const KafkaReader&) = delete;
  ~KafkaReader() { rd_kafka_destroy(client_); }

  [[nodiscard]] std::vector<PublishedEvent> read() {
    std::vector<PublishedEvent> events;
    for (std::int32_t i = 0; i != partitions; ++i) read(i, end_of(i), events);
    return events;
  }

 private:
  static constexpr std::int32_t partitions = 3;
  static constexpr int longest_wait = 30'000;  // milliseconds

  struct MessageDeleter {
    void operator()(rd_kafka_message_t* message) const noexcept { rd_kafka_message_destroy(message); }
  };
  struct PartitionsDeleter {
    void operator()(rd_kafka_topic_partition_list_t* list) const noexcept {
      rd_kafka_topic_partition_list_destroy(list);
    }
  };

  static rd_kafka_t* make(const std::string& brokers) {
    rd_kafka_conf_t* const conf = rd_kafka_conf_new();
    char reason[512];
    const std::array<std::array<const char*, 2>, 6> settings{{{"bootstrap.servers", brokers.c_str()},
                                                              {"group.id", "kafka-reader"},
                                                              {"enable.auto.commit", "false"},
                                                              {"reconnect.backoff.max.ms", "200"},
                                                              // A leader that was killed is soon forgotten.
                                                              {"metadata.max.age.ms", "1000"},
                                                              {"log_level", "2"}}};
    for (const auto& [name, value] : settings) {
      REQUIRE(rd_kafka_conf_set(conf, name, value, reason, sizeof reason) == RD_KAFKA_CONF_OK);
    }
    rd_kafka_t* const client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, reason, sizeof reason);
    REQUIRE_MESSAGE(client != nullptr, reason);
    return client;
  }

  std::int64_t end_of(std::int32_t partition) {
    std::int64_t low = 0;
    std::int64_t high = 0;
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds{longest_wait};
    auto error = RD_KAFKA_RESP_ERR_UNKNOWN;
    while (error != RD_KAFKA_RESP_ERR_NO_ERROR && std::chrono::steady_clock::now() < until) {
      error = rd_kafka_query_watermark_offsets(client_, topic.c_str(), partition, &low, &high, 1000);
    }
    REQUIRE_MESSAGE(error == RD_KAFKA_RESP_ERR_NO_ERROR, std::string{rd_kafka_err2str(error)});
    return high;
  }

  void read(std::int32_t partition, std::int64_t end, std::vector<PublishedEvent>& events) {
    const auto from = begin_[static_cast<std::size_t>(partition)];
    if (from == end) return;
    const std::unique_ptr<rd_kafka_topic_partition_list_t, PartitionsDeleter> assigned{
        rd_kafka_topic_partition_list_new(1)};
    rd_kafka_topic_partition_list_add(assigned.get(), topic.c_str(), partition)->offset = from;
    REQUIRE(rd_kafka_assign(client_, assigned.get()) == RD_KAFKA_RESP_ERR_NO_ERROR);
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds{longest_wait};
    for (std::int64_t next = from; next != end;) {
      REQUIRE(std::chrono::steady_clock::now() < until);
      const std::unique_ptr<rd_kafka_message_t, MessageDeleter> message{rd_kafka_consumer_poll(client_, 500)};
      if (!message || message->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
      events.push_back(event(*message));
      next = message->offset + 1;
    }
    rd_kafka_assign(client_, nullptr);
  }

  static PublishedEvent event(const rd_kafka_message_t& message) {
    const auto text = [](const void* data, std::size_t size) {
      return size == 0 ? std::string{} : std::string{static_cast<const char*>(data), size};
    };
    PublishedEvent read{rd_kafka_topic_name(message.rkt),
                        text(message.key, message.key_len),
                        {},
                        {},
                        text(message.payload, message.len)};
    rd_kafka_headers_t* headers = nullptr;
    if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return read;
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
         ++i) {
      read.headers.emplace_back(name, text(value, size));
      if (read.headers.back().first == "ce_id") read.id = read.headers.back().second;
    }
    return read;
  }

  const std::string topic{event_topic};
  rd_kafka_t* client_;
  std::array<std::int64_t, partitions> begin_{};
};

}  // namespace event_draft::testing
