#include "schema.hpp"

#include <fmt/core.h>

#include <cstddef>
#include <cstdint>

#include "open_error.hpp"
#include "statement.hpp"

namespace event_draft::sqlite {
namespace {

std::int64_t number(sqlite3* database, std::string_view query) {
  const Statement statement{database, query};
  Execution execution{statement};
  if (execution.step() != SQLITE_ROW) throw OpenError{sqlite3_errmsg(database)};
  return execution.integer(0);
}

std::size_t version_of(sqlite3* database) {
  const std::int64_t application = number(database, "PRAGMA application_id");
  const std::int64_t version = number(database, "PRAGMA user_version");
  if (application == application_id && version > 0) return static_cast<std::size_t>(version);
  if (application != 0 || version != 0 || number(database, "SELECT count(*) FROM sqlite_schema") != 0) {
    throw OpenError{"it is the database of another application"};
  }
  return 0;
}

void require_whole_references(sqlite3* database) {
  const Statement statement{database, "PRAGMA foreign_key_check"};
  Execution execution{statement};
  const int code = execution.step();
  if (code == SQLITE_DONE) return;
  if (code != SQLITE_ROW) throw OpenError{sqlite3_errmsg(database)};
  throw OpenError{fmt::format("a row of {} names one of {} that is not there", execution.text(0), execution.text(2))};
}

}  // namespace

void execute(sqlite3* database, const char* sql) {
  if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) != SQLITE_OK) throw OpenError{sqlite3_errmsg(database)};
}

void migrate(sqlite3* database, std::span<const char* const> steps) {
  execute(database, "BEGIN IMMEDIATE");  // an exception's way out ends with the connection, and the transaction with it
  const std::size_t version = version_of(database);
  if (version > steps.size()) {
    throw OpenError{fmt::format("its schema is of version {}, this program knows up to {}", version, steps.size())};
  }
  for (const char* const step : steps.subspan(version)) execute(database, step);
  if (version != steps.size()) require_whole_references(database);
  const std::string marks =
      fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}; COMMIT", application_id, steps.size());
  execute(database, marks.c_str());
}

}  // namespace event_draft::sqlite
