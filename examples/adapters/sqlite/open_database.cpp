#include "open_database.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <event_draft/deadline.hpp>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "open_error.hpp"
#include "schema.hpp"

namespace event_draft::sqlite {
namespace {

constexpr int open_patience_ms = 2000;  // for a shell that has the database locked just now

/// SQLite would let everybody read a new database, and gives its -wal and -shm files the mode of the database. A file
/// that is there is not opened: closing it would drop SQLite's own locks on it.
void create(const std::filesystem::path& path) {
  if (std::filesystem::is_symlink(path)) throw OpenError{"it is a link to nothing"};
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
  if (file >= 0) {
    ::close(file);
  } else if (errno != EEXIST) {
    throw OpenError{std::generic_category().message(errno)};
  }
}

std::string pragma(sqlite3* database, std::string_view query) {
  const Statement statement{database, query};
  Execution execution{statement};
  if (execution.step() != SQLITE_ROW) throw OpenError{sqlite3_errmsg(database)};
  return std::string{execution.text(0)};
}

/// Looks for damage, for a moment: a large database is not read whole at every start, its damage shows when it is met.
void check(sqlite3* database) {
  const Deadline deadline = Deadline::after(std::chrono::milliseconds{250});
  const auto is_over = [](void* until) { return static_cast<const Deadline*>(until)->expired() ? 1 : 0; };
  sqlite3_progress_handler(database, 10'000, is_over, const_cast<Deadline*>(&deadline));
  std::string verdict = "ok";
  {
    const Statement statement{database, "PRAGMA quick_check(1)"};
    Execution execution{statement};
    const int code = execution.step();
    if (code == SQLITE_ROW) verdict = execution.text(0);
    if (code != SQLITE_ROW && code != SQLITE_INTERRUPT) verdict = sqlite3_errmsg(database);
  }
  sqlite3_progress_handler(database, 0, nullptr, nullptr);
  if (verdict != "ok") throw OpenError{"it is damaged: " + verdict};
}

void set_up(sqlite3* database, const Config& config) {
  if (sqlite3_db_readonly(database, "main") == 1) throw OpenError{"it is not writable"};
  sqlite3_busy_timeout(database, open_patience_ms);
  execute(database, "PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF");
  execute(database, "PRAGMA journal_size_limit = 4194304");  // what a long reader made the log grow to is given back
  // A bad row is an error of the request that meets it; it keeps nobody from starting.
  execute(database, "PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF");
  check(database);
  migrate(database);
  execute(database, "PRAGMA ignore_check_constraints = OFF; PRAGMA foreign_keys = ON");
  if (pragma(database, "PRAGMA journal_mode = WAL") != "wal") throw OpenError{"its file system has no shared memory"};
  static_cast<void>(pragma(database, "PRAGMA schema_version"));  // the first read makes the -wal file
  if (config.max_pages > 0) execute(database, fmt::format("PRAGMA max_page_count = {}", config.max_pages).c_str());
}

}  // namespace

Database open_database(const Config& config) {
  constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  Database database;
  try {
    create(config.path);
    sqlite3* raw = nullptr;
    const int code = sqlite3_open_v2(config.path.c_str(), &raw, flags, nullptr);
    database.reset(raw);
    if (code != SQLITE_OK) throw OpenError{sqlite3_errstr(code)};
    set_up(raw, config);
  } catch (const OpenError& error) {
    throw OpenError{fmt::format("can't use the database {}: {}", config.path.string(), error.what())};
  }
  return database;
}

}  // namespace event_draft::sqlite
