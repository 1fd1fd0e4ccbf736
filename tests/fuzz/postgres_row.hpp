#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/postgres/parameters.hpp"
#include "adapters/postgres/rows.hpp"
#include "fuzz.hpp"

// Rows as libpq gives them, without a server: of fields as people can write them.
namespace event_draft::fuzz {

enum class Column : char { number, text };

/// `-` is NULL; a number is the eight bytes that it has on the wire, and `#` stands before other bytes in its place.
inline postgres::Rows row_of(const std::string_view* fields, const Column* columns, std::size_t count) {
  PGresult* const result = PQmakeEmptyPGresult(nullptr, PGRES_TUPLES_OK);
  std::string name = "column";
  PGresAttDesc any{};
  any.name = name.data();
  std::array<PGresAttDesc, 12> described;
  described.fill(any);
  expect(PQsetResultAttrs(result, static_cast<int>(count), described.data()) != 0, "libpq takes the columns");
  for (std::size_t i = 0; i != count; ++i) {
    std::string bytes{fields[i]};
    if (columns[i] == Column::number && fields[i].starts_with('#')) {
      bytes.erase(0, 1);
    } else if (columns[i] == Column::number) {
      const auto eight = postgres::encode(number_of(fields[i]));
      bytes.assign(eight.data(), eight.size());
    }
    const bool is_null = fields[i] == "-";
    expect(PQsetvalue(result, 0, static_cast<int>(i), is_null ? nullptr : bytes.data(),
                      is_null ? -1 : static_cast<int>(bytes.size())) != 0,
           "libpq takes the field");
  }
  return postgres::Rows{result};
}

template <std::size_t Count>
postgres::Rows row_of(const std::array<std::string_view, Count>& fields, const std::array<Column, Count>& columns) {
  return row_of(fields.data(), columns.data(), Count);
}

/// What a parameter is on its way to the server is what the field was on its way from it.
inline bool is_written_as(const postgres::Parameters& parameters, std::size_t i, postgres::Value field) {
  if (parameters.values()[i] == nullptr) return !field;
  const std::string_view written{parameters.values()[i], static_cast<std::size_t>(parameters.lengths()[i])};
  return field == written;
}

/// The same for a time, which is cut to milliseconds when it is read.
inline bool is_written_as(Timestamp time, postgres::Value field) {
  const auto written = postgres::encode(time);
  const auto cut = postgres::integer(field).value() - postgres::integer(std::string_view{written.data(), 8}).value();
  return cut >= 0 && cut < 1000;
}

}  // namespace event_draft::fuzz
