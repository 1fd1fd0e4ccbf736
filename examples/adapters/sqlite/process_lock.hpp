#pragma once

#include <filesystem>

namespace event_draft::sqlite {

/// Lets one process at a time have a database, by a lock on a file beside it that ends with the process. SQLite before
/// 3.51.3 can lose a WAL's frames when several connections write and checkpoint; readers, such as the sqlite3 shell,
/// need no lock.
class ProcessLock {
 public:
  /// For the database's own path, free of links. Throws `OpenError` when another process has the lock, or when its file
  /// can't be made.
  explicit ProcessLock(const std::filesystem::path& database);
  ~ProcessLock();
  ProcessLock(const ProcessLock&) = delete;
  ProcessLock& operator=(const ProcessLock&) = delete;

 private:
  int file_;
};

}  // namespace event_draft::sqlite
