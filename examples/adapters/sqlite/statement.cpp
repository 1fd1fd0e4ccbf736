#include "statement.hpp"

#include <fmt/core.h>

#include "open_error.hpp"

namespace event_draft::sqlite {

Statement::Statement(sqlite3* database, std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(database, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                      &statement, nullptr);
  statement_.reset(statement);
  if (code != SQLITE_OK) throw OpenError{fmt::format("unexpected schema: {}", sqlite3_errmsg(database))};
}

Execution::~Execution() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

int Execution::step() noexcept { return bound_ == SQLITE_OK ? sqlite3_step(statement_) : bound_; }

bool Execution::is_integer(int column) const noexcept {
  return sqlite3_column_type(statement_, column) == SQLITE_INTEGER;
}

bool Execution::is_null(int column) const noexcept { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

std::int64_t Execution::integer(int column) const noexcept { return sqlite3_column_int64(statement_, column); }

std::string_view Execution::text(int column) const noexcept {
  if (sqlite3_column_type(statement_, column) != SQLITE_TEXT) return {};
  const void* const text = sqlite3_column_text(statement_, column);
  if (text == nullptr) return {};  // out of memory
  return {static_cast<const char*>(text), static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

void Execution::bind(int at, std::int64_t value) noexcept {
  if (bound_ == SQLITE_OK) bound_ = sqlite3_bind_int64(statement_, at, value);
}

void Execution::bind(int at, std::string_view value) noexcept {
  // A null destructor is SQLITE_STATIC: the text outlives the execution.
  if (bound_ == SQLITE_OK)
    bound_ = sqlite3_bind_text64(statement_, at, value.data(), value.size(), nullptr, SQLITE_UTF8);
}

}  // namespace event_draft::sqlite
