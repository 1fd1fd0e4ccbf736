#include "deliveries.hpp"

#include <utility>

namespace event_draft::kafka {

Delivery& Deliveries::expect(std::size_t index) {
  const std::lock_guard lock{mutex_};
  slots_[index].owner = shared_from_this();
  ++expected_;
  return slots_[index];
}

void Deliveries::Slot::report(const Result<void>& reported) noexcept {
  const auto all = std::move(owner);  // lives until the lock is given back
  const std::lock_guard lock{all->mutex_};
  result = reported;
  if (--all->expected_ == 0) all->reported_.notify_one();
}

void Deliveries::wait(Deadline deadline, std::span<Result<void>> results) {
  std::unique_lock lock{mutex_};
  reported_.wait_until(lock, deadline.at(), [this] { return expected_ == 0; });
  for (std::size_t i = 0; i != results.size(); ++i) results[i] = slots_[i].result;
}

}  // namespace event_draft::kafka
