#include "connection_pool.hpp"

#include <chrono>
#include <event_draft/port_call.hpp>
#include <new>

namespace event_draft::postgres {

Result<ConnectionPool::Loan> ConnectionPool::borrow(Deadline deadline) {
  if (deadline.expired()) return Errc::deadline_exceeded;
  std::unique_lock lock{mutex_};
  for (;;) {
    if (auto connection = idle_one()) return Loan{*this, std::move(*connection)};
    if (is_out()) return Errc::storage_unavailable;
    if (may_open()) return open_one(std::move(lock), deadline);
    if (changed_.wait_until(lock, deadline.at()) == std::cv_status::timeout) return Errc::deadline_exceeded;
  }
}

/// What the server has closed since, as in a restart, is dropped here and harms no call.
std::optional<Connection> ConnectionPool::idle_one() {
  while (!idle_.empty()) {
    Connection connection = std::move(idle_.back());
    idle_.pop_back();
    if (connection.is_idle()) return connection;
    --existing_;
  }
  return std::nullopt;
}

bool ConnectionPool::may_open() const noexcept { return existing_ < most_ && opening_ < most_at_once; }

bool ConnectionPool::is_out() const noexcept {
  return refusals_ != 0 && (opening_ != 0 || std::chrono::steady_clock::now() < not_before_);
}

Result<ConnectionPool::Loan> ConnectionPool::open_one(std::unique_lock<std::mutex> lock, Deadline deadline) {
  ++existing_;
  ++opening_;
  lock.unlock();
  auto connection = call_port([&] { return open_(deadline); }, [](std::string_view) {});
  lock.lock();
  opened(connection);
  lock.unlock();
  changed_.notify_all();
  if (!connection) return Error{connection.assume_error().code};  // nothing was asked of it yet
  return Loan{*this, std::move(connection).assume_value()};
}

void ConnectionPool::opened(const Result<Connection>& connection) {
  --opening_;
  if (connection) {
    refusals_ = 0;
    return;
  }
  --existing_;
  if (connection.assume_error() == Errc::deadline_exceeded) return;  // its caller may just have come late
  ++refusals_;
  const auto now = std::chrono::steady_clock::now();
  not_before_ = now + backoff_(refusals_, static_cast<std::uint64_t>(now.time_since_epoch().count()));
}

void ConnectionPool::take_back(Connection connection) noexcept {
  const bool is_idle = connection.is_idle();
  {
    const std::lock_guard lock{mutex_};
    try {
      if (is_idle) idle_.push_back(std::move(connection));
    } catch (const std::bad_alloc&) {
      --existing_;
    }
    if (!is_idle) --existing_;
  }
  changed_.notify_one();
}

std::size_t ConnectionPool::size() const {
  const std::lock_guard lock{mutex_};
  return existing_;
}

}  // namespace event_draft::postgres
