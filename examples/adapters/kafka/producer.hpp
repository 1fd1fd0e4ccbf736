#pragma once

#include <atomic>
#include <cstdint>
#include <event_draft/deadline.hpp>
#include <event_draft/event_message.hpp>
#include <event_draft/result.hpp>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include "client.hpp"
#include "delivery.hpp"
#include "kafka_config.hpp"
#include "statistics.hpp"

namespace event_draft::kafka {

/// A client that is always there: one thread hears its reports, and puts another in its place when it breaks. What the
/// broken one still had is given up, with an effect that is unknown where it was on its way.
class Producer {
 public:
  /// Waits for a broker as long as the configuration says, and goes on without one. Throws `ConfigError`.
  explicit Producer(Config config);
  /// Waits for the reports that are to come as long as the configuration says, then gives the rest up.
  ~Producer();
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  /// Queues it; the delivery is reported exactly once, unless this gives an error.
  [[nodiscard]] Result<void> hand_over(const EventMessage& message, Delivery& delivery) noexcept {
    return client()->hand_over(message, &delivery);
  }

  [[nodiscard]] Result<void> ready(Deadline deadline);
  [[nodiscard]] Statistics statistics() const;

 private:
  static void on_delivered(rd_kafka_t*, const rd_kafka_message_t* message, void* self) noexcept;
  static void on_failed(rd_kafka_t* handle, int error, const char* reason, void* self) noexcept;
  static int on_counted(rd_kafka_t*, char* json, std::size_t length, void* self) noexcept;
  static void on_logged(const rd_kafka_t* handle, int level, const char* facility, const char* text) noexcept;

  [[nodiscard]] std::shared_ptr<Client> client() const;
  [[nodiscard]] Callbacks callbacks() noexcept;
  void run() noexcept;
  void replace_broken();
  void see_off_broken() noexcept;
  void close() noexcept;
  void count(const Result<void>& delivered) noexcept;

  Config config_;
  mutable std::mutex mutex_;  // of client_ and client_statistics_; held for a moment only
  std::shared_ptr<Client> client_;
  ClientStatistics client_statistics_;

  // The thread's own.
  std::vector<std::shared_ptr<Client>> broken_;  // until their reports have come and nobody uses them
  SteadyTime replaces_at_ = SteadyTime::min();

  std::atomic<std::uint64_t> acknowledged_ = 0;
  std::atomic<std::uint64_t> rejected_ = 0;
  std::atomic<std::uint64_t> undelivered_ = 0;
  std::atomic<std::uint64_t> unknown_ = 0;
  std::atomic<std::uint64_t> rebuilds_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace event_draft::kafka
