#pragma once

#include <condition_variable>
#include <cstddef>
#include <event_draft/backoff.hpp>
#include <event_draft/deadline.hpp>
#include <event_draft/result.hpp>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "connection.hpp"

namespace event_draft::postgres {

/// Connections for many callers, made when they are needed and never more than a number. A caller waits for one no longer than
/// its deadline. Only an idle one comes back; all others are dropped and made anew.
///
/// Two are made at a time at most. After one that was refused a single caller tries again, after a back-off; until then, and
/// while it tries, the others fail at once: so an outage holds nobody up, and ends with no stampede.
class ConnectionPool {
 public:
  using Open = std::function<Result<Connection>(Deadline)>;

  ConnectionPool(std::size_t most, Open open) : open_{std::move(open)}, most_{most} {}

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

    Connection* operator->() noexcept { return &connection_; }

   private:
    ConnectionPool* pool_;
    Connection connection_;
  };

  /// Not applied, when there is none.
  [[nodiscard]] Result<Loan> borrow(Deadline deadline);

  /// How many there are now, those on loan and those being made included.
  [[nodiscard]] std::size_t size() const;

 private:
  static constexpr std::size_t most_at_once = 2;

  std::optional<Connection> idle_one();
  [[nodiscard]] bool may_open() const noexcept;
  /// The failure that everybody shares while the server can't be reached.
  [[nodiscard]] bool is_out() const noexcept;
  Result<Loan> open_one(std::unique_lock<std::mutex> lock, Deadline deadline);
  void opened(const Result<Connection>& connection);
  void take_back(Connection connection) noexcept;

  const Open open_;
  const std::size_t most_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Connection> idle_;  // the one that was used last is taken first
  std::size_t existing_ = 0;
  std::size_t opening_ = 0;
  int refusals_ = 0;  // in a row
  SteadyTime not_before_{};
  const Backoff backoff_{std::chrono::milliseconds{20}, std::chrono::milliseconds{250}};
};

}  // namespace event_draft::postgres
