#include "sqlite_draft_repository.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <limits>
#include <string>
#include <system_error>
#include <utility>

#include "draft_row.hpp"
#include "schema.hpp"
#include "statements.hpp"

namespace event_draft::sqlite {
namespace {

constexpr int open_patience_ms = 2000;  // for a shell that has the database locked just now

/// The file's own path: its lock must be the same one whatever link leads to it.
Config resolved(Config config) {
  std::error_code error;
  auto path = std::filesystem::weakly_canonical(config.path, error);
  if (!error) config.path = std::move(path);
  return config;
}

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
  execute(database, "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF");
  execute(database, "PRAGMA journal_size_limit = 4194304");  // what a long reader made the log grow to is given back
  check(database);
  migrate(database);
  if (pragma(database, "PRAGMA journal_mode = WAL") != "wal") throw OpenError{"its file system has no shared memory"};
  static_cast<void>(pragma(database, "PRAGMA schema_version"));  // the first read makes the -wal file
  if (config.max_pages > 0) execute(database, fmt::format("PRAGMA max_page_count = {}", config.max_pages).c_str());
}

Database open(const Config& config) {
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

DraftRow row_of(const Execution& row) noexcept {
  return {row.integer(0), row.integer(1),
          row.text(2),    row.text(3),
          row.text(4),    row.text(5),
          row.text(6),    row.is_integer(7) ? row.integer(7) : std::numeric_limits<std::int64_t>::max()};
}

bool is_corrupt(const Result<std::optional<EventDraft>>& draft) noexcept {
  return !draft && draft.assume_error() == Error{Errc::corrupt_draft};
}

}  // namespace

/// At its end no transaction is open, whatever happened.
struct SqliteDraftRepository::RollBack {
  SqliteDraftRepository& repository;
  ~RollBack() { repository.roll_back(); }
};

SqliteDraftRepository::SqliteDraftRepository(Config config)
    : config_{resolved(std::move(config))},
      lock_{config_.path},
      database_{open(config_)},
      begin_{database_.get(), sql::begin},
      commit_{database_.get(), sql::commit},
      roll_back_{database_.get(), sql::roll_back},
      holder_{database_.get(), sql::holder},
      insert_{database_.get(), sql::insert},
      claim_{database_.get(), sql::claim},
      find_{database_.get(), sql::find},
      ready_{database_.get(), sql::ready} {}

Result<SavedDraft> SqliteDraftRepository::save(const NewEventDraft& draft, Deadline deadline) {
  const auto lock = connection(deadline);
  if (!lock) return Errc::deadline_exceeded;
  BOOST_OUTCOME_TRY(in_place());
  const RollBack what_is_not_committed{*this};
  BOOST_OUTCOME_TRY(begin());
  BOOST_OUTCOME_TRY(const auto current, holder(draft.user_id));
  if (current && current->id != draft.replaces) return SavedDraft{*current, false};
  BOOST_OUTCOME_TRY(const auto id, insert(draft));
  BOOST_OUTCOME_TRY(claim(draft, id));
  if (deadline.expired()) return Errc::deadline_exceeded;
  BOOST_OUTCOME_TRY(commit());
  return SavedDraft{with_id(draft, DraftId::numbered(static_cast<std::uint64_t>(id))), true};
}

Result<std::optional<EventDraft>> SqliteDraftRepository::find(const DraftId& id, Deadline deadline) {
  const auto lock = connection(deadline);
  if (!lock) return Errc::deadline_exceeded;
  const auto number = row_id(id);
  if (!number) return std::nullopt;
  Execution execution{find_, *number};
  auto draft = read(execution);
  if (is_corrupt(draft)) config_.on_failure(fmt::format("{} breaks the domain's rules", id.view()));
  return draft;
}

Result<void> SqliteDraftRepository::ready(Deadline deadline) {
  const auto lock = connection(deadline);
  if (!lock) return Errc::deadline_exceeded;
  BOOST_OUTCOME_TRY(in_place());
  Execution execution{ready_};
  const int code = execution.step();
  if (code != SQLITE_ROW && code != SQLITE_DONE) return failure(code);
  return success();
}

std::unique_lock<TimedMutex> SqliteDraftRepository::connection(Deadline deadline) {
  if (deadline.expired()) return {};
  std::unique_lock lock{mutex_, deadline.at()};
  if (!lock || deadline.expired()) return {};
  const auto patience = std::chrono::floor<std::chrono::milliseconds>(deadline.remaining()).count();
  constexpr std::int64_t longest = std::numeric_limits<int>::max();
  sqlite3_busy_timeout(database_.get(), static_cast<int>(std::min<std::int64_t>(patience, longest)));
  return lock;
}

/// A save into a file that has lost its name would be acknowledged and gone with the process.
Result<void> SqliteDraftRepository::in_place() {
  sqlite3* const database = database_.get();
  int has_moved = 0;
  sqlite3_file_control(database, "main", SQLITE_FCNTL_HAS_MOVED, &has_moved);
  const char* const log = sqlite3_filename_wal(sqlite3_db_filename(database, "main"));
  if (has_moved == 0 && ::access(log, F_OK) == 0) return success();
  config_.on_failure("the database or its -wal file was moved, replaced or deleted; restart to use what is there now");
  return Errc::storage_unavailable;
}

Result<void> SqliteDraftRepository::begin() {
  Execution execution{begin_};
  const int code = execution.step();
  if (code != SQLITE_DONE) return failure(code);
  return success();
}

Result<std::optional<EventDraft>> SqliteDraftRepository::holder(UserId user) {
  Execution execution{holder_, user.value()};
  auto draft = read(execution);
  if (!is_corrupt(draft)) return draft;
  config_.on_failure(fmt::format("user {}'s draft in progress is corrupt; its claim is void", user.value()));
  return std::nullopt;
}

Result<std::optional<EventDraft>> SqliteDraftRepository::read(Execution& execution) {
  const int code = execution.step();
  if (code == SQLITE_DONE) return std::nullopt;
  if (code != SQLITE_ROW) return failure(code);
  const auto draft = decode(row_of(execution));
  if (draft) return draft;
  const int reading = sqlite3_errcode(database_.get());  // text that found no memory reads as empty, and is not corrupt
  if ((reading & 0xFF) == SQLITE_NOMEM) return failure(reading);
  return Errc::corrupt_draft;
}

Result<std::int64_t> SqliteDraftRepository::insert(const NewEventDraft& draft) {
  Execution execution{insert_,
                      draft.user_id.value(),
                      to_string(draft.objective),
                      draft.store.name(),
                      draft.store.industry(),
                      draft.store.address(),
                      to_string(DraftStatus::draft),
                      std::int64_t{draft.created_at.time_since_epoch().count()}};
  const int code = execution.step();
  if (code != SQLITE_DONE) return failure(code);
  return sqlite3_last_insert_rowid(database_.get());
}

Result<void> SqliteDraftRepository::claim(const NewEventDraft& draft, std::int64_t id) {
  Execution execution{claim_, draft.user_id.value(), id, std::int64_t{draft.window.count()}};
  const int code = execution.step();
  if (code != SQLITE_DONE) return failure(code);
  return success();
}

Result<void> SqliteDraftRepository::commit() {
  Execution execution{commit_};
  const int code = execution.step();
  if (code == SQLITE_DONE) return success();
  Error error = failure(code);
  // SQLite leaves the transaction open where it has not begun to commit. After any other failure, such as that of a sync,
  // the commit may be in the log file, where the recovery after a crash would find it.
  const bool is_open = sqlite3_get_autocommit(database_.get()) == 0;
  if (!is_open) error.certainty = Certainty::unknown;
  return error;
}

void SqliteDraftRepository::roll_back() noexcept {
  if (sqlite3_get_autocommit(database_.get()) != 0) return;
  static_cast<void>(Execution{roll_back_}.step());
}

/// To be asked right after the call that failed, while the connection still has its words.
Error SqliteDraftRepository::failure(int code) const {
  config_.on_failure(fmt::format("{} (SQLite code {})", sqlite3_errmsg(database_.get()), code));
  // The time-out for a busy database is the deadline's.
  return (code & 0xFF) == SQLITE_BUSY ? Errc::deadline_exceeded : Errc::storage_unavailable;
}

}  // namespace event_draft::sqlite
