#include "session.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <span>
#include <utility>

#include "open_error.hpp"
#include "schema.hpp"
#include "shown_url.hpp"

namespace event_draft::postgres {
namespace {

constexpr int most_tries = 5;

}  // namespace

Session::Session(Config config)
    : config_{std::move(config)},
      pool_{std::max<std::size_t>(config_.connections, 1), Errc::storage_unavailable, [this](Deadline deadline) {
              return Connection::open(config_.url, config_.prepared_statements, deadline, report_);
            }} {
  try {
    prepare_schema();
  } catch (const OpenError& error) {
    throw OpenError{fmt::format("can't use the database {}: {}", shown_url(config_.url), error.what())};
  }
}

void Session::prepare_schema() {
  std::string cause;
  const Report remember = [&](std::string_view text) { cause = text; };
  const Deadline deadline = Deadline::after(config_.open_patience);
  auto connection = Connection::open(config_.url, false, deadline, remember);
  if (!connection) throw OpenError{cause};
  try {
    migrate(connection.assume_value(), deadline);
  } catch (const OpenError& error) {
    throw OpenError{cause.empty() ? error.what() : fmt::format("{}: {}", error.what(), cause)};
  }
}

Result<std::vector<Rows>> Session::run(std::initializer_list<Query> queries, Deadline deadline) {
  for (int tries = 1;; ++tries) {
    BOOST_OUTCOME_TRY(auto connection, pool_.borrow(deadline));
    auto rows = connection->run(std::span{queries.begin(), queries.size()}, deadline);
    if (rows || !connection->met_conflict() || tries == most_tries) return rows;
  }
}

Result<Rows> Session::run(const Statement& statement, const Parameters& parameters, Deadline deadline) {
  BOOST_OUTCOME_TRY(auto rows, run({{statement, parameters}}, deadline));
  return std::move(rows.front());
}

Result<Rows> Session::read(const Statement& statement, const Parameters& parameters, Deadline deadline) {
  auto rows = run(statement, parameters, deadline);
  if (!rows) return Error{rows.assume_error().code};
  return rows;
}

void Session::report(std::string_view cause) {
  const std::lock_guard lock{reporting_};
  config_.on_failure(cause);
}

}  // namespace event_draft::postgres
