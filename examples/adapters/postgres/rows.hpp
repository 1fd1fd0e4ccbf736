#pragma once

#include <libpq-fe.h>

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>

#include "wire.hpp"

namespace event_draft::postgres {

/// What one statement gave: rows of binary fields, which live as long as this.
class Rows {
 public:
  explicit Rows(PGresult* result) noexcept : result_{result} {}

  [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(PQntuples(result_.get())); }
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }
  [[nodiscard]] Value field(std::size_t row, std::size_t column) const noexcept;

  /// The first fields of a row, or those from a column on.
  template <std::size_t count>
  [[nodiscard]] std::array<Value, count> fields(std::size_t row, std::size_t from = 0) const noexcept {
    std::array<Value, count> all;
    for (std::size_t i = 0; i != count; ++i) all[i] = field(row, from + i);
    return all;
  }

  /// How many rows the statement changed.
  [[nodiscard]] std::size_t changes() const noexcept;

  [[nodiscard]] ExecStatusType status() const noexcept { return PQresultStatus(result_.get()); }
  [[nodiscard]] std::string_view sql_state() const noexcept { return diagnosis(PG_DIAG_SQLSTATE); }
  /// Without the detail and the context, which may quote rows.
  [[nodiscard]] std::string_view message() const noexcept { return diagnosis(PG_DIAG_MESSAGE_PRIMARY); }
  /// The server has ended the connection with this error.
  [[nodiscard]] bool is_last_word() const noexcept;

 private:
  struct Clear {
    void operator()(PGresult* result) const noexcept { PQclear(result); }
  };
  [[nodiscard]] std::string_view diagnosis(int field) const noexcept;

  std::unique_ptr<PGresult, Clear> result_;
};

}  // namespace event_draft::postgres
