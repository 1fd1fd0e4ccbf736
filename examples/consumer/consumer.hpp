#pragma once

#include <librdkafka/rdkafka.h>

#include <adapters/kafka/kafka_config.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "progress.hpp"
#include "received_event.hpp"

namespace event_draft::consumer {

/// What happens to a consumer, all of it on the thread that polls it.
struct Handlers {
  std::function<void(std::int32_t partition, std::int64_t offset, const Record& record)> on_record;
  std::function<void()> before_partitions_go;  ///< the last moment to commit what was read of them
  std::function<void(std::string_view)> on_failure;
};

/// Reads `event-topic` as a member of a group. For one thread.
class Consumer {
 public:
  /// Begins where the group has committed, or at `offsets` if that is further. Throws `kafka::ConfigError`.
  Consumer(const std::string& brokers, const std::string& group, const std::vector<kafka::Property>& properties,
           Offsets offsets, Handlers handlers);
  /// Leaves the group, if it has not.
  ~Consumer();
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;

  /// Handles a record, or waits for one. False after an error that only a restart ends. Throws what a handler threw, also one
  /// that was called for a rebalance: a member without partitions would do nothing, and nobody would see it.
  [[nodiscard]] bool poll(std::chrono::milliseconds most);

  /// What was read of the partitions that it has, and of those it had.
  [[nodiscard]] const Offsets& offsets() const noexcept { return offsets_; }

  /// Commits what was read of the partitions that it has; whether that went well.
  bool commit();

  /// Leaves the group; the last call. False if the broker hangs: then librdkafka's threads stay until the program ends, for
  /// to end them is to wait for what is on its way, a minute and more.
  bool leave() noexcept;

 private:
  static void on_rebalance(rd_kafka_t* client, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t* partitions,
                           void* self) noexcept;
  static void on_error(rd_kafka_t* client, int error, const char* reason, void* self) noexcept;

  void take(rd_kafka_topic_partition_list_t& partitions);
  void handle(const rd_kafka_message_t& message);

  Offsets offsets_;
  Handlers handlers_;
  std::string topic_;
  rd_kafka_t* client_ = nullptr;
  std::exception_ptr rebalance_failure_;
  bool answers_ = true;  // the broker, when something was committed last
  bool left_ = false;
};

}  // namespace event_draft::consumer
