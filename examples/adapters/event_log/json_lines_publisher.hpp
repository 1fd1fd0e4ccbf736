#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <event_draft/ports.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "delivery.hpp"
#include "log_file.hpp"

namespace event_draft::event_log {

struct Config {
  std::filesystem::path path;  ///< by convention events.jsonl
  Sync sync = Sync::every_event;
  /// Hears the cause of every failure, one line of text, on the log's own thread; must not throw.
  std::function<void(std::string_view)> on_failure = [](std::string_view) {};
  /// Whether events that wait are written and synced together; off only to measure what it is worth.
  bool gather = true;
};

/// Events as lines of a file, `{"topic":…,"key":…,"headers":{…},"payload":{…}}`, in the order of their
/// acknowledgements. One thread writes: what arrives while it syncs goes out together with the next write and sync. So
/// a caller waits no longer than its deadline even for a disk that hangs.
///
/// Errors: `publisher_unavailable` (a full or failing disk; a file that was moved, replaced, deleted or truncated under
/// the program, until it is restarted: rotate the log while it is stopped) and `deadline_exceeded`. The effect is
/// `unknown` when the event was written but its sync failed or came too late; otherwise it is `not_applied`, and the
/// file has no trace of it.
class JsonLinesPublisher {
 public:
  /// How many calls may wait for a write at a time; one more fails at once.
  static constexpr std::size_t most_waiting = 10'000;

  /// Throws `OpenError`.
  explicit JsonLinesPublisher(Config config);
  /// Nobody may be in a call.
  ~JsonLinesPublisher();
  JsonLinesPublisher(const JsonLinesPublisher&) = delete;
  JsonLinesPublisher& operator=(const JsonLinesPublisher&) = delete;

  [[nodiscard]] Result<void> publish(const EventMessage& message, Deadline deadline);

  /// All of them with one write and one sync, in their order; they share one result.
  void publish_all(std::span<const EventMessage> messages, std::span<Result<void>> results, Deadline deadline);

  /// Whether events can be written and synced now, as far as can be told without one.
  [[nodiscard]] Result<void> ready(Deadline deadline);

  /// Hands lines over, whole ones if any, and does not wait. False: too many wait.
  [[nodiscard]] bool hand_over(std::shared_ptr<Delivery> delivery);

  /// The bytes of torn last lines, of events that were never acknowledged, which were cut off at the start.
  [[nodiscard]] std::uint64_t torn_bytes() const noexcept { return file_.torn_bytes(); }

 private:
  using Deliveries = std::vector<std::shared_ptr<Delivery>>;

  Result<void> submit(std::string lines, Deadline deadline);
  void run();
  /// As many as one write may have; says how many.
  std::size_t write(std::span<const std::shared_ptr<Delivery>> deliveries) noexcept;
  void report(Appended appended) noexcept;

  Config config_;
  LogFile file_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  Deliveries waiting_;
  bool stopping_ = false;
  std::thread writer_;
};

static_assert(EventPublisher<JsonLinesPublisher> && BatchEventPublisher<JsonLinesPublisher>);

}  // namespace event_draft::event_log
