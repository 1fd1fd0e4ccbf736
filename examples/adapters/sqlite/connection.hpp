#pragma once

#include <sqlite3.h>

#include <chrono>
#include <cstddef>
#include <event_draft/deadline.hpp>
#include <event_draft/result.hpp>
#include <mutex>
#include <string_view>
#include <type_traits>

#include "config.hpp"
#include "process_lock.hpp"
#include "statement.hpp"
#include "timed_mutex.hpp"

namespace event_draft::sqlite {

/// The one connection to a database of one process, for one caller at a time. Waiting for it, and for a shell that has
/// the database locked, ends with the deadline.
class Connection {
 public:
  /// How long a shell that has the database locked is left alone before it is asked again.
  static constexpr std::chrono::milliseconds turn{5};

  /// Throws `OpenError`: not writable, damaged, another application's, of a newer version, in use by another process.
  explicit Connection(Config config);

  [[nodiscard]] sqlite3* get() const noexcept { return database_.get(); }

  /// What `work` gives, a Result; it only reads.
  template <class Work>
  std::invoke_result_t<Work&> read(Deadline deadline, Work work) {
    const auto lock = wait(deadline);
    if (!lock) return Errc::deadline_exceeded;
    return work();
  }

  /// The same in a transaction, which is committed when `work` succeeds before the deadline. Only a COMMIT that breaks
  /// off leaves the effect unknown.
  template <class Work>
  std::invoke_result_t<Work&> transact(Deadline deadline, Work work) {
    BOOST_OUTCOME_TRY(const auto lock, begin(deadline));
    return commit_after(deadline, work);
  }

  /// The same for who has other things to do than to wait for a shell that has the database locked just now: false, without
  /// `work`. Its Result is of void.
  template <class Work>
  Result<bool> try_transact(Deadline deadline, Work work) {
    BOOST_OUTCOME_TRY(const auto lock, try_begin(deadline));
    if (!lock) return false;
    BOOST_OUTCOME_TRY(commit_after(deadline, work));
    return true;
  }

  // The rest is for inside of these.

  /// One part of a transaction: what `work` does is undone if it gives false, and nothing else. Fails when the whole
  /// transaction is lost.
  template <class Work>
  Result<void> apart(Work work) {
    BOOST_OUTCOME_TRY(run(set_savepoint_));
    if (work()) return run(release_);
    if (!is_in_transaction()) return Errc::storage_unavailable;  // SQLite has undone all of it; `work` has told why
    BOOST_OUTCOME_TRY(run(undo_));
    return run(release_);
  }

  /// Runs a statement that gives no rows.
  template <class... Values>
  Result<void> run(const Statement& statement, const Values&... values) {
    Execution execution{statement, values...};
    const int code = execution.step();
    if (code != SQLITE_DONE) return failure(code);
    return success();
  }

  /// Whether a query gives a row.
  template <class... Values>
  Result<bool> has_row(const Statement& statement, const Values&... values) {
    Execution execution{statement, values...};
    const int code = execution.step();
    if (code != SQLITE_ROW && code != SQLITE_DONE) return failure(code);
    return code == SQLITE_ROW;
  }

  /// How many rows the statement that ran last changed.
  [[nodiscard]] std::size_t changes() const noexcept { return static_cast<std::size_t>(sqlite3_changes(get())); }

  /// Fails when the database has lost its name: what is saved then would be gone with the process.
  Result<void> in_place();

  /// The error that a result code means; its words go to `on_failure`. To be asked right after the call that failed,
  /// while the connection still has them.
  Error failure(int code) const;

  /// Text that found no memory reads as empty. To be asked before a row is called corrupt.
  Result<void> has_read() const;

  void report(std::string_view cause) const { config_.on_failure(cause); }

 private:
  /// At its end no transaction is open, whatever happened.
  struct RollBack {
    Connection& connection;
    ~RollBack() { connection.roll_back(); }
  };

  template <class Work>
  std::invoke_result_t<Work&> commit_after(Deadline deadline, Work& work) {
    const RollBack what_is_not_committed{*this};
    auto result = work();
    if (!result) return result;
    if (deadline.expired()) return Errc::deadline_exceeded;
    BOOST_OUTCOME_TRY(commit());
    return result;
  }

  [[nodiscard]] std::unique_lock<TimedMutex> wait(Deadline deadline);
  /// No lock while a shell has the database locked, unless the deadline is near: then that is the failure.
  Result<std::unique_lock<TimedMutex>> try_begin(Deadline deadline);
  /// A shell that has the database locked is waited for without the connection, so that readers are not kept waiting, too.
  Result<std::unique_lock<TimedMutex>> begin(Deadline deadline);
  [[nodiscard]] bool is_in_transaction() const noexcept { return sqlite3_get_autocommit(get()) == 0; }
  Result<void> commit();
  void roll_back() noexcept;

  Config config_;
  ProcessLock lock_;
  Database database_;
  Statement begin_;
  Statement commit_;
  Statement roll_back_;
  Statement set_savepoint_;
  Statement release_;
  Statement undo_;
  TimedMutex mutex_;
};

}  // namespace event_draft::sqlite
