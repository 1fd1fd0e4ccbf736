#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace event_draft::sqlite {

struct CloseDatabase {
  void operator()(sqlite3* database) const noexcept { sqlite3_close(database); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;

/// A prepared statement, kept for many executions.
class Statement {
 public:
  /// Throws `OpenError` for a statement that does not fit the database.
  Statement(sqlite3* database, std::string_view sql);

  [[nodiscard]] sqlite3_stmt* get() const noexcept { return statement_.get(); }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// One execution of a statement with its parameters. At its end the statement is reset, so nothing stays open or bound;
/// until then text that was bound must live, and text that was read does.
class Execution {
 public:
  template <class... Values>
  explicit Execution(const Statement& statement, const Values&... values) noexcept : statement_{statement.get()} {
    int at = 0;
    (bind(++at, values), ...);
  }
  ~Execution();
  Execution(const Execution&) = delete;
  Execution& operator=(const Execution&) = delete;

  /// SQLITE_ROW, SQLITE_DONE, or what is wrong (an extended result code).
  [[nodiscard]] int step() noexcept;

  [[nodiscard]] bool is_integer(int column) const noexcept;
  [[nodiscard]] bool is_null(int column) const noexcept;
  [[nodiscard]] std::int64_t integer(int column) const noexcept;
  [[nodiscard]] std::string_view text(int column) const noexcept;  ///< empty for anything but text

 private:
  void bind(int at, std::int64_t value) noexcept;
  void bind(int at, std::string_view value) noexcept;
  template <class T>
  void bind(int at, const std::optional<T>& value) noexcept {
    if (value) bind(at, *value);  // what is not bound is null
  }

  sqlite3_stmt* statement_;
  int bound_ = SQLITE_OK;
};

}  // namespace event_draft::sqlite
