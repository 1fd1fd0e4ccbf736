#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <new>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <event_draft/backoff.hpp>
#include <event_draft/deadline.hpp>
#include <event_draft/port_call.hpp>
#include <event_draft/result.hpp>

namespace event_draft::adapters {

/// A connection that knows whether another caller may have it: nothing of an earlier call is left on it, and it is not closed.
template <class T>
concept PooledConnection = std::movable<T> && requires(T& connection) {
  { connection.is_idle() } noexcept -> std::same_as<bool>;
};

/// Connections for many callers, made when they are needed and never more than a number. A caller waits for one no longer than
/// its deadline. Only an idle one comes back; all others are dropped and made anew.
///
/// Two are made at a time at most. After one that was refused, or not answered, a single caller tries again, after a back-off;
/// until then, and while it tries, the others wait for one that may come back, and fail at once if there is none: so an outage
/// holds nobody up, and ends with no stampede.
template <PooledConnection Connection>
class ConnectionPool {
 public:
  using Open = std::function<Result<Connection>(Deadline)>;

  /// `unavailable` is what a call is told that gets no connection because of an outage.
  ConnectionPool(std::size_t most, Errc unavailable, Open open)
      : open_{std::move(open)}, most_{most}, unavailable_{unavailable} {}

  /// A connection on loan.
  class Loan {
   public:
    Loan(ConnectionPool& pool, Connection connection) : pool_{&pool}, connection_{std::move(connection)} {}
    Loan(Loan&& other) noexcept
        : pool_{std::exchange(other.pool_, nullptr)}, connection_{std::move(other.connection_)} {}
    Loan& operator=(Loan&&) = delete;
    ~Loan() {
      if (pool_ != nullptr) pool_->take_back(std::move(connection_));
    }

    Connection& operator*() noexcept { return connection_; }
    Connection* operator->() noexcept { return &connection_; }

   private:
    ConnectionPool* pool_;
    Connection connection_;
  };

  /// Not applied, when there is none.
  [[nodiscard]] Result<Loan> borrow(Deadline deadline) {
    if (deadline.expired()) return Errc::deadline_exceeded;
    std::vector<Connection> dead;  // closed when the lock is not held any more
    std::unique_lock lock{mutex_};
    for (;;) {
      if (auto connection = idle_one(dead)) return Loan{*this, std::move(*connection)};
      if (deadline.expired()) return Errc::deadline_exceeded;
      const bool out = is_out();
      if (out && existing_ == opening_) return unavailable_;  // there is none that could come back
      if (!out && may_open()) return open_one(std::move(lock), deadline);
      changed_.wait_until(lock, out && opening_ == 0 ? std::min(deadline.at(), not_before_) : deadline.at());
    }
  }

  struct Size {
    std::size_t all;  ///< those on loan and those being made included
    std::size_t idle;
  };
  [[nodiscard]] Size size() const {
    const std::lock_guard lock{mutex_};
    return {existing_, idle_.size()};
  }

 private:
  static constexpr std::size_t most_at_once = 2;
  static constexpr std::chrono::milliseconds fair{40};  // who had that long to connect, and could not, is no latecomer

  /// What the server has closed since, as in a restart, is dropped here and harms no call.
  std::optional<Connection> idle_one(std::vector<Connection>& dead) {
    while (!idle_.empty()) {
      Connection connection = std::move(idle_.back());
      idle_.pop_back();
      if (connection.is_idle()) return connection;
      --existing_;
      dead.push_back(std::move(connection));
    }
    return std::nullopt;
  }

  [[nodiscard]] bool may_open() const noexcept { return existing_ < most_ && opening_ < most_at_once; }

  /// The server can't be reached: the failure is everybody's, until it is time to try again.
  [[nodiscard]] bool is_out() const noexcept {
    return refusals_ != 0 && (opening_ != 0 || std::chrono::steady_clock::now() < not_before_);
  }

  Result<Loan> open_one(std::unique_lock<std::mutex> lock, Deadline deadline) {
    ++existing_;
    ++opening_;
    lock.unlock();
    const bool is_fair = deadline.remaining() >= fair;
    auto connection = call_port([&] { return open_(deadline); }, [](std::string_view) {});
    lock.lock();
    opened(connection, is_fair);
    lock.unlock();
    changed_.notify_all();
    if (!connection) return Error{connection.assume_error().code};  // nothing was asked of it yet
    return Loan{*this, std::move(connection).assume_value()};
  }

  void opened(const Result<Connection>& connection, bool is_fair) {
    --opening_;
    if (connection) {
      refusals_ = 0;
      return;
    }
    --existing_;
    if (!is_fair && connection.assume_error() == Errc::deadline_exceeded) return;  // its caller just came late
    ++refusals_;
    const auto now = std::chrono::steady_clock::now();
    not_before_ = now + backoff_(refusals_, static_cast<std::uint64_t>(now.time_since_epoch().count()));
  }

  void take_back(Connection connection) noexcept {
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

  const Open open_;
  const std::size_t most_;
  const Errc unavailable_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Connection> idle_;  // the one that was used last is taken first
  std::size_t existing_ = 0;
  std::size_t opening_ = 0;
  int refusals_ = 0;  // in a row
  SteadyTime not_before_{};
  const Backoff backoff_{std::chrono::milliseconds{20}, std::chrono::milliseconds{250}};
};

}  // namespace event_draft::adapters
