#include "schema.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <string>

#include "open_error.hpp"

namespace event_draft::postgres {
namespace {

/// Why it failed has been reported.
template <class T>
T value_of(Result<T> result) {
  if (!result) throw OpenError{"the schema could not be read or brought up to date"};
  return std::move(result).assume_value();
}

std::size_t number(const Rows& rows) {
  const std::string_view digits = text(rows.field(0, 0));
  std::size_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

/// 0 before the first.
std::size_t version_of(Connection& connection, Deadline deadline) {
  const auto is_there = value_of(
      connection.execute("SELECT count(*) FROM pg_class WHERE oid = to_regclass('event_draft_schema')", deadline));
  if (number(is_there) == 0) return 0;
  return number(value_of(connection.execute("SELECT coalesce(max(version), 0) FROM event_draft_schema", deadline)));
}

void require_known(std::size_t version, std::size_t newest) {
  if (version <= newest) return;
  throw OpenError{fmt::format("its schema is of version {}, this program knows up to {}", version, newest)};
}

}  // namespace

void migrate(Connection& connection, Deadline deadline, std::span<const char* const> steps) {
  const std::string_view encoding = connection.setting("server_encoding");
  if (!encoding.empty() && encoding != "UTF8") throw OpenError{fmt::format("its encoding is {}, not UTF8", encoding)};
  std::size_t version = version_of(connection, deadline);
  require_known(version, steps.size());
  if (version == steps.size()) return;

  // An exception's way out ends with the connection, and the transaction with it. The lock's number is "EvDr".
  const auto patience = std::chrono::ceil<std::chrono::milliseconds>(deadline.remaining()).count();
  value_of(connection.execute(fmt::format("BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = {}; "
                                          "SELECT pg_advisory_xact_lock(1165378674)",
                                          std::clamp<std::int64_t>(patience, 1, 86'400'000)),
                              deadline));
  version = version_of(connection, deadline);  // somebody else may have been here
  require_known(version, steps.size());
  value_of(
      connection.execute("CREATE TABLE IF NOT EXISTS event_draft_schema (version integer PRIMARY KEY, "
                         "since timestamptz NOT NULL DEFAULT now())",
                         deadline));
  for (; version != steps.size(); ++version) {
    value_of(connection.execute(steps[version], deadline));
    value_of(connection.execute(fmt::format("INSERT INTO event_draft_schema VALUES ({})", version + 1), deadline));
  }
  value_of(connection.execute("COMMIT", deadline));
}

}  // namespace event_draft::postgres
