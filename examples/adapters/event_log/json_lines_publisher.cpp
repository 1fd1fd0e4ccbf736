#include "json_lines_publisher.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <new>
#include <utility>

#include "event_line.hpp"

namespace event_draft::event_log {

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
  const auto entry = std::make_shared<Entry>(Entry{std::move(lines)});
  std::unique_lock lock{mutex_};
  waiting_.push_back(entry);
  arrived_.notify_one();
  if (!done_.wait_until(lock, deadline.at(), [&] { return entry->stage == Stage::done; })) {
    const bool taken_back = std::erase(waiting_, entry) != 0;
    return Error{Errc::deadline_exceeded, {}, taken_back ? Certainty::not_applied : Certainty::unknown};
  }
  if (entry->appended == Appended::yes) return success();
  const bool is_known = entry->appended == Appended::no;
  return Error{Errc::publisher_unavailable, {}, is_known ? Certainty::not_applied : Certainty::unknown};
}

void JsonLinesPublisher::run() {
  std::unique_lock lock{mutex_};
  for (;;) {
    arrived_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const Entries entries = std::exchange(waiting_, {});
    for (const auto& entry : entries) entry->stage = Stage::writing;
    lock.unlock();
    const Appended appended = write(entries);
    lock.lock();
    for (const auto& entry : entries) {
      entry->appended = appended;
      entry->stage = Stage::done;
    }
    done_.notify_all();
  }
}

Appended JsonLinesPublisher::write(const Entries& entries) {
  std::string lines;
  try {
    for (const auto& entry : entries) lines += entry->lines;
  } catch (const std::bad_alloc&) {
    return Appended::no;
  }
  const Appended appended = file_.append(lines);
  if (appended != Appended::yes) report(appended);
  return appended;
}

void JsonLinesPublisher::report(Appended appended) noexcept try {
  const char* const what = appended == Appended::no ? "not written" : "written, but not surely kept";
  config_.on_failure(fmt::format("{}: {}: {}", config_.path.string(), what, file_.last_error()));
} catch (const std::bad_alloc&) {  // the callers are told, though not why
}

}  // namespace event_draft::event_log
