#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstddef>
#include <event_draft/event_message.hpp>
#include <event_draft/result.hpp>
#include <string>

#include "kafka_config.hpp"

namespace event_draft::kafka {

/// One librdkafka producer and its topic. One thread polls it; the rest is for any.
class Client {
 public:
  /// Throws `ConfigError`. No broker needs to be there.
  Client(const Config& config, const Callbacks& callbacks);
  /// Takes a while: librdkafka's threads end. The reports that have not come by then never will.
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Queues it. An error means that no report will come.
  [[nodiscard]] Result<void> hand_over(const EventMessage& message, void* opaque) noexcept;

  /// Asks a broker for the topic: whether it is there, and each partition can be written to.
  [[nodiscard]] Result<void> ready(std::chrono::milliseconds most);

  void poll(std::chrono::milliseconds most) noexcept { rd_kafka_poll(handle_, static_cast<int>(most.count())); }
  void flush(std::chrono::milliseconds most) noexcept { rd_kafka_flush(handle_, static_cast<int>(most.count())); }

  /// Gives up all events at once; their reports come with the next polls.
  void give_up() noexcept;

  [[nodiscard]] std::size_t waiting() const noexcept { return static_cast<std::size_t>(rd_kafka_outq_len(handle_)); }

  /// Whether it had an error after which it does nothing more.
  [[nodiscard]] bool is_broken() const noexcept {
    return rd_kafka_fatal_error(handle_, nullptr, 0) != RD_KAFKA_RESP_ERR_NO_ERROR;
  }
  [[nodiscard]] static std::string fatal_reason(rd_kafka_t* handle);

 private:
  rd_kafka_t* handle_ = nullptr;
  rd_kafka_topic_t* topic_ = nullptr;
};

}  // namespace event_draft::kafka
