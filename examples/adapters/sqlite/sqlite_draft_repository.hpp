#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <event_draft/ports.hpp>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string_view>

#include "open_error.hpp"
#include "process_lock.hpp"
#include "statement.hpp"
#include "timed_mutex.hpp"

namespace event_draft::sqlite {

struct Config {
  std::filesystem::path path;
  std::int64_t max_pages = 0;  ///< of 4 KiB; a save past it fails as on a full disk. 0: no limit but the disk's
  /// Hears the cause of every failure, one line of text; called one at a time, must not throw.
  std::function<void(std::string_view)> on_failure = [](std::string_view) {};
};

/// Drafts in an SQLite database of one process: write-ahead log, each save synced to the disk before it is
/// acknowledged. Draft ids are `draft-1`, `draft-2`, … and are never given twice by one database; one that is lost, or
/// restored from a backup, gives again those that came after.
///
/// Errors: `deadline_exceeded` when the database is busy for too long, `storage_unavailable` (a full or failing disk; a
/// database that was moved, replaced or deleted under the program, until it is restarted), `corrupt_draft` from `find`
/// for a row that breaks the domain's rules. Only a COMMIT that breaks off leaves the effect `unknown`: the log may
/// hold the save or not. Waiting is bounded by the deadline, a disk that hangs is not.
///
/// A claim on a user's window whose draft is missing or corrupt holds nothing: the next save takes it over, so that one
/// bad row does not keep its user out.
class SqliteDraftRepository {
 public:
  /// Opens the database, looks for damage (for 250 ms, so not in all of a large one) and makes or updates its schema.
  /// Throws `OpenError`: not writable, damaged, another application's, of a newer version, in use by another process.
  explicit SqliteDraftRepository(Config config);

  [[nodiscard]] Result<SavedDraft> save(const NewEventDraft& draft, Deadline deadline);
  [[nodiscard]] Result<std::optional<EventDraft>> find(const DraftId& id, Deadline deadline);

  /// Whether the database is where it was opened, and can be read now.
  [[nodiscard]] Result<void> ready(Deadline deadline);

 private:
  struct RollBack;

  /// The connection, for one caller at a time; empty when the deadline came first.
  [[nodiscard]] std::unique_lock<TimedMutex> connection(Deadline deadline);

  Result<void> in_place();
  Result<std::optional<EventDraft>> holder(UserId user);
  /// nullopt without a row, `corrupt_draft` for one that breaks the domain's rules
  Result<std::optional<EventDraft>> read(Execution& execution);
  Result<void> begin();
  Result<std::int64_t> insert(const NewEventDraft& draft);
  Result<void> claim(const NewEventDraft& draft, std::int64_t id);
  Result<void> commit();
  void roll_back() noexcept;
  Error failure(int code) const;

  Config config_;
  ProcessLock lock_;
  Database database_;
  Statement begin_;
  Statement commit_;
  Statement roll_back_;
  Statement holder_;
  Statement insert_;
  Statement claim_;
  Statement find_;
  Statement ready_;
  TimedMutex mutex_;
};

static_assert(DraftRepository<SqliteDraftRepository>);

}  // namespace event_draft::sqlite
