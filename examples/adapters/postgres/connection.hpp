#pragma once

#include <libpq-fe.h>

#include <cstddef>
#include <event_draft/deadline.hpp>
#include <event_draft/result.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "parameters.hpp"
#include "rows.hpp"
#include "statement.hpp"

namespace event_draft::postgres {

/// One statement of a batch with its parameters.
struct Query {
  const Statement& statement;
  const Parameters& parameters;
};

using Report = std::function<void(std::string_view)>;

/// One connection, for one caller at a time. Every wait ends with the deadline, but for the resolver's, where the URL has a
/// host's name. After a time-out, or any failure but an error that the server reports and goes on after, it is closed for good.
class Connection {
 public:
  /// Not applied, whatever goes wrong. The reporter must outlive the connection.
  [[nodiscard]] static Result<Connection> open(const std::string& url, bool prepare, Deadline deadline,
                                               const Report& report);

  /// Runs the statements in one transaction, in one round trip: all of them are committed, or none. The server is told to stop
  /// each a moment before the deadline, so that the caller hears for certain that it did nothing. The rows are those of each
  /// statement. What was sent and not answered is `unknown`.
  [[nodiscard]] Result<std::vector<Rows>> run(std::span<const Query> queries, Deadline deadline);

  /// Statements without parameters, by the simple protocol: for schemas. The last one's rows, as text.
  [[nodiscard]] Result<Rows> execute(const std::string& sql, Deadline deadline);

  /// Whether the next caller can have it: open, in no transaction, with nothing left to read.
  [[nodiscard]] bool is_idle() noexcept;

  /// Whether the last failure was a conflict with another transaction.
  [[nodiscard]] bool met_conflict() const noexcept { return met_conflict_; }

  /// Waits for a notification of what `execute("LISTEN …")` has asked for; false when there is none by the deadline.
  [[nodiscard]] Result<bool> wait_for_notification(Deadline deadline);

  /// The server's word on one of its settings, as it was told at the start; empty if it was not.
  [[nodiscard]] std::string_view setting(const char* name) const noexcept;

  [[nodiscard]] PGconn* get() const noexcept { return connection_.get(); }

 private:
  struct Finish {
    void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
  };

  struct Expected {
    const Statement* prepared;  ///< null for an execution
    bool is_wanted;
  };

  Connection(PGconn* connection, bool prepare, const Report& report) noexcept
      : connection_{connection}, prepare_{prepare}, report_{&report} {}

  Result<void> connect(Deadline deadline);
  bool send(const Query& query, bool is_wanted);
  Result<std::vector<Rows>> collect(Deadline deadline);
  /// nullptr between the results of two statements
  Result<PGresult*> next_result(Deadline deadline);
  Result<void> wait(short events, Deadline deadline) const;
  Error refused(const Rows& result, bool may_be_committed);
  /// Closes it, and says what libpq does.
  Error lost(Certainty certainty);
  Error too_late(Certainty certainty);

  std::unique_ptr<PGconn, Finish> connection_;
  bool prepare_;
  bool met_conflict_ = false;
  const Report* report_;
  std::unordered_set<const Statement*> prepared_;
  std::vector<Expected> expected_;  // the answers to what was sent, in their order
};

}  // namespace event_draft::postgres
