#include "json_lines_publisher.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <new>
#include <optional>
#include <utility>

#include "event_line.hpp"

namespace event_draft::event_log {
namespace {

/// Far enough from what is too long for one write, for any sum of events.
constexpr std::size_t enough_at_once = longest_tear / 2;

/// One who waits for the log. Shared, for it may leave while its lines are being written.
class Caller final : public Delivery {
 public:
  using Delivery::Delivery;

  bool take() noexcept override { return true; }  // who leaves takes it back
  void report(const Result<void>& result) noexcept override {
    const std::lock_guard lock{mutex_};
    result_ = result;
    reported_.notify_one();
  }

  /// nullopt: not by the deadline.
  std::optional<Result<void>> wait(Deadline deadline) {
    std::unique_lock lock{mutex_};
    reported_.wait_until(lock, deadline.at(), [this] { return result_.has_value(); });
    return result_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable reported_;
  std::optional<Result<void>> result_;
};

Result<void> result_of(Appended appended) noexcept {
  if (appended == Appended::yes) return success();
  return Error{Errc::publisher_unavailable, {}, appended == Appended::no ? Certainty::not_applied : Certainty::unknown};
}

}  // namespace

JsonLinesPublisher::JsonLinesPublisher(Config config)
    : config_{std::move(config)}, file_{config_.path, config_.sync}, writer_{[this] { run(); }} {}

JsonLinesPublisher::~JsonLinesPublisher() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  arrived_.notify_one();
  writer_.join();
}

Result<void> JsonLinesPublisher::publish(const EventMessage& message, Deadline deadline) {
  return submit(event_line(message), deadline);
}

void JsonLinesPublisher::publish_all(std::span<const EventMessage> messages, std::span<Result<void>> results,
                                     Deadline deadline) {
  if (messages.empty()) return;
  std::string lines;
  for (const EventMessage& message : messages) lines += event_line(message);
  std::fill(results.begin(), results.end(), submit(std::move(lines), deadline));
}

Result<void> JsonLinesPublisher::ready(Deadline deadline) { return submit({}, deadline); }

Result<void> JsonLinesPublisher::submit(std::string lines, Deadline deadline) {
  if (deadline.expired()) return Errc::deadline_exceeded;
  const auto caller = std::make_shared<Caller>(std::move(lines));
  if (!hand_over(caller)) return Errc::publisher_unavailable;
  if (const auto result = caller->wait(deadline)) return *result;
  const std::lock_guard lock{mutex_};
  const bool is_taken_back = std::erase(waiting_, caller) != 0;
  return Error{Errc::deadline_exceeded, {}, is_taken_back ? Certainty::not_applied : Certainty::unknown};
}

bool JsonLinesPublisher::hand_over(std::shared_ptr<Delivery> delivery) {
  {
    const std::lock_guard lock{mutex_};
    if (waiting_.size() >= most_waiting) return false;
    waiting_.push_back(std::move(delivery));
  }
  arrived_.notify_one();
  return true;
}

void JsonLinesPublisher::run() {
  Deliveries taken;
  std::unique_lock lock{mutex_};
  for (;;) {
    arrived_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    taken.swap(waiting_);
    lock.unlock();
    std::erase_if(taken, [](const auto& each) { return !each->take(); });
    for (std::span<const std::shared_ptr<Delivery>> rest{taken}; !rest.empty();) rest = rest.subspan(write(rest));
    taken.clear();
    lock.lock();
  }
}

std::size_t JsonLinesPublisher::write(std::span<const std::shared_ptr<Delivery>> deliveries) noexcept {
  std::size_t count = 0;
  auto appended = Appended::no;
  try {
    std::string lines;
    const std::size_t enough = config_.gather ? enough_at_once : 1;
    while (count != deliveries.size() && lines.size() < enough) lines += deliveries[count++]->lines();
    appended = file_.append(lines);
    if (appended != Appended::yes) report(appended);
  } catch (const std::bad_alloc&) {
  }
  const auto result = result_of(appended);
  for (const auto& each : deliveries.first(count)) each->report(result);
  return count;
}

void JsonLinesPublisher::report(Appended appended) noexcept try {
  const char* const what = appended == Appended::no ? "not written" : "written, but not surely kept";
  config_.on_failure(fmt::format("{}: {}: {}", config_.path.string(), what, file_.last_error()));
} catch (const std::bad_alloc&) {  // the callers are told, though not why
}

}  // namespace event_draft::event_log
