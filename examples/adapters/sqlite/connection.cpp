#include "connection.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <system_error>
#include <thread>
#include <utility>

#include "open_database.hpp"

namespace event_draft::sqlite {
namespace {

/// The file's own path: its lock must be the same one whatever link leads to it.
Config resolved(Config config) {
  std::error_code error;
  auto path = std::filesystem::weakly_canonical(config.path, error);
  if (!error) config.path = std::move(path);
  return config;
}

}  // namespace

Connection::Connection(Config config)
    : config_{resolved(std::move(config))},
      lock_{config_.path},
      database_{open_database(config_)},
      begin_{get(), "BEGIN IMMEDIATE"},
      commit_{get(), "COMMIT"},
      roll_back_{get(), "ROLLBACK"},
      set_savepoint_{get(), "SAVEPOINT part"},
      release_{get(), "RELEASE part"},
      undo_{get(), "ROLLBACK TO part"} {}

std::unique_lock<TimedMutex> Connection::wait(Deadline deadline) {
  if (deadline.expired()) return {};
  std::unique_lock lock{mutex_, deadline.at()};
  if (!lock || deadline.expired()) return {};
  const auto patience = std::chrono::floor<std::chrono::milliseconds>(deadline.remaining()).count();
  constexpr std::int64_t longest = std::numeric_limits<int>::max();
  sqlite3_busy_timeout(get(), static_cast<int>(std::min<std::int64_t>(patience, longest)));
  return lock;
}

Result<std::unique_lock<TimedMutex>> Connection::begin(Deadline deadline) {
  for (;;) {
    BOOST_OUTCOME_TRY(auto lock, try_begin(deadline));
    if (lock) return lock;
    std::this_thread::sleep_for(turn);
  }
}

Result<std::unique_lock<TimedMutex>> Connection::try_begin(Deadline deadline) {
  auto lock = wait(deadline);
  if (!lock) return Errc::deadline_exceeded;
  BOOST_OUTCOME_TRY(in_place());
  sqlite3_busy_timeout(get(), 0);
  Execution execution{begin_};
  const int code = execution.step();
  if (code == SQLITE_DONE) return lock;
  if ((code & 0xFF) != SQLITE_BUSY || deadline.remaining() <= turn) return failure(code);
  return std::unique_lock<TimedMutex>{};
}

Result<void> Connection::in_place() {
  int has_moved = 0;
  sqlite3_file_control(get(), "main", SQLITE_FCNTL_HAS_MOVED, &has_moved);
  const char* const log = sqlite3_filename_wal(sqlite3_db_filename(get(), "main"));
  if (has_moved == 0 && ::access(log, F_OK) == 0) return success();
  report("the database or its -wal file was moved, replaced or deleted; restart to use what is there now");
  return Errc::storage_unavailable;
}

Result<void> Connection::commit() {
  Execution execution{commit_};
  const int code = execution.step();
  if (code == SQLITE_DONE) return success();
  Error error = failure(code);
  // SQLite leaves the transaction open where it has not begun to commit. After any other failure, such as that of a sync,
  // the commit may be in the log file, where the recovery after a crash would find it.
  if (!is_in_transaction()) error.certainty = Certainty::unknown;
  return error;
}

void Connection::roll_back() noexcept {
  if (!is_in_transaction()) return;
  static_cast<void>(Execution{roll_back_}.step());
}

Error Connection::failure(int code) const {
  report(fmt::format("{} (SQLite code {})", sqlite3_errmsg(get()), code));
  // The time-out for a busy database is the deadline's.
  return (code & 0xFF) == SQLITE_BUSY ? Errc::deadline_exceeded : Errc::storage_unavailable;
}

Result<void> Connection::has_read() const {
  const int code = sqlite3_errcode(get());
  if ((code & 0xFF) == SQLITE_NOMEM) return failure(code);
  return success();
}

}  // namespace event_draft::sqlite
