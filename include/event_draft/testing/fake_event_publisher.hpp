#pragma once

#include <concepts>
#include <cstddef>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <event_draft/clock.hpp>
#include <event_draft/ports.hpp>

namespace event_draft::testing {

/// A message as the broker would keep it; it owns its text.
struct RecordedMessage {
  std::string topic;
  std::string key;
  std::string id;
  std::vector<std::pair<std::string, std::string>> headers;  ///< in the message's order
  std::string payload;

  explicit RecordedMessage(const EventMessage& message)
      : topic{message.topic()}, key{message.key()}, id{message.id()}, payload{message.payload()} {
    for (const EventHeader& header : message.headers()) headers.emplace_back(header.name, header.value);
  }

  friend bool operator==(const RecordedMessage&, const RecordedMessage&) = default;
};

/// A broker in memory: acknowledges every message and remembers it, in order. Thread-safe.
template <Clock ClockPort = const SystemClock>
class FakeEventPublisher {
 public:
  FakeEventPublisher() noexcept
    requires std::same_as<ClockPort, const SystemClock>
      : FakeEventPublisher{system_clock} {}
  explicit FakeEventPublisher(ClockPort& clock) noexcept : clock_{clock} {}

  Result<void> publish(const EventMessage& message, Deadline deadline) {
    if (deadline.expired(clock_.steady_now())) return Errc::deadline_exceeded;
    const std::lock_guard lock{mutex_};
    messages_.emplace_back(message);
    return success();
  }

  [[nodiscard]] std::vector<RecordedMessage> messages() const {
    const std::lock_guard lock{mutex_};
    return messages_;
  }

  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock{mutex_};
    return messages_.size();
  }

 private:
  ClockPort& clock_;
  mutable std::mutex mutex_;
  std::vector<RecordedMessage> messages_;
};

static_assert(EventPublisher<FakeEventPublisher<>>);

}  // namespace event_draft::testing
