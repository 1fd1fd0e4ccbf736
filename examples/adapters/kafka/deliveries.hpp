#pragma once

#include <condition_variable>
#include <cstddef>
#include <event_draft/deadline.hpp>
#include <event_draft/result.hpp>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "delivery.hpp"

namespace event_draft::kafka {

/// What becomes of events that one caller hands over and waits for together. Each event whose report is to come keeps it
/// alive, so a report may come when its caller has long gone.
class Deliveries : public std::enable_shared_from_this<Deliveries> {
 public:
  static std::shared_ptr<Deliveries> of(std::size_t count) { return std::make_shared<Deliveries>(count); }
  explicit Deliveries(std::size_t count) : slots_(count) {}

  /// What is to be told of the event of that index.
  [[nodiscard]] Delivery& expect(std::size_t index);

  /// Waits until all that is expected is reported, and tells what is known by then: what is not reported is unknown.
  void wait(Deadline deadline, std::span<Result<void>> results);

 private:
  struct Slot final : Delivery {
    void report(const Result<void>& reported) noexcept override;

    std::shared_ptr<Deliveries> owner;  // while a report is to come
    Result<void> result = Error{Errc::deadline_exceeded, {}, Certainty::unknown};
  };

  std::mutex mutex_;
  std::condition_variable reported_;
  std::size_t expected_ = 0;
  std::vector<Slot> slots_;
};

}  // namespace event_draft::kafka
