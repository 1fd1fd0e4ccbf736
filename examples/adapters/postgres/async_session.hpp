#pragma once

#include <chrono>
#include <cstddef>
#include <event_draft/deadline.hpp>
#include <event_draft/result.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "../async/loop.hpp"
#include "config.hpp"
#include "connection.hpp"

namespace event_draft::postgres {

/// One transaction that is to be run, and whoever waits for it.
class Job {
 public:
  Job() = default;
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;
  virtual ~Job() = default;

  /// By when its answer is of use to somebody.
  [[nodiscard]] virtual Deadline deadline() const noexcept = 0;
  [[nodiscard]] virtual Result<void> send(Connection& connection) = 0;
  /// The rows of each statement. `met_conflict`: it did nothing, and might go well if it is tried again.
  virtual void done(Result<std::vector<Rows>> rows, bool met_conflict) = 0;
};

/// How long a transaction may wait for what another one holds locked: nothing behind it waits longer.
inline constexpr std::chrono::milliseconds lock_wait{50};

/// Where a connection that has nothing to do gets its next transactions from.
class JobSource {
 public:
  JobSource() = default;
  JobSource(const JobSource&) = delete;
  JobSource& operator=(const JobSource&) = delete;
  virtual ~JobSource() = default;

  /// Those to be sent together, one behind the other; none when there is nothing to do.
  [[nodiscard]] virtual std::vector<std::unique_ptr<Job>> take() = 0;
  /// Is there anything left, for another connection?
  [[nodiscard]] virtual bool has_more() const noexcept = 0;
  /// The database is not to be had: whoever waits is told so.
  virtual void fail_all() noexcept = 0;
};

/// The database on one event loop: a few connections, each with its coroutine on the loop, which come back by themselves. What
/// arrives while a connection waits for its answers is sent with the next ones.
class AsyncSession {
 public:
  AsyncSession(adapters::Loop& loop, const Config& config, std::shared_ptr<JobSource> source);
  AsyncSession(const AsyncSession&) = delete;
  AsyncSession& operator=(const AsyncSession&) = delete;
  ~AsyncSession();

  /// There is something to take.
  void wake();
  /// False when each connection is lost, and its latest try to come back has failed: who asks now is told at once.
  [[nodiscard]] bool is_available() const noexcept;
  [[nodiscard]] std::size_t connections() const noexcept;

 private:
  struct State;
  class Worker;

  std::shared_ptr<State> state_;
};

}  // namespace event_draft::postgres
