#pragma once

#include <libpq-fe.h>
#include <poll.h>

#include <chrono>
#include <cstddef>
#include <deque>
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

#include "addresses.hpp"
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

/// One connection. Its functions either block, for one caller at a time, and end their every wait with the deadline (but for the
/// resolver's, where the URL has a host's name), or never wait, for a driver that watches `socket()`. After a time-out, or any
/// failure but an error that the server reports and goes on after, it is closed for good.
class Connection {
 public:
  /// Not applied, whatever goes wrong. The reporter must outlive the connection.
  [[nodiscard]] static Result<Connection> open(const std::string& url, bool prepare, Deadline deadline,
                                               const Report& report);

  /// Runs the statements in one transaction, in one round trip: all of them are committed, or none. The server is told to stop
  /// each a moment before the deadline, so that the caller hears for certain that it did nothing. The rows are those of each
  /// statement. What was sent and not answered is `unknown`.
  [[nodiscard]] Result<std::vector<Rows>> run(std::span<const Query> queries, Deadline deadline);

  // What never waits, in the order in which it is called.

  /// Begins to connect; `connect_further` until it says true. libpq looks up the names of hosts in here, which waits for the
  /// resolver, unless it is told their addresses.
  [[nodiscard]] static Result<Connection> start(const std::string& url, bool prepare, const Report& report,
                                                const std::optional<Addresses>& addresses = std::nullopt);
  [[nodiscard]] Result<bool> connect_further();
  /// Sends a transaction, behind those that were sent before. One that waits for a lock for longer than `lock_wait` (0: than
  /// its deadline) fails with `deadline_exceeded`, not applied.
  [[nodiscard]] Result<void> send(std::span<const Query> queries, Deadline deadline,
                                  std::chrono::milliseconds lock_wait = std::chrono::milliseconds{0});
  /// The answer to the earliest transaction that has none; nullopt: there is more to be awaited. After an answer that has closed
  /// the connection, those behind it get none.
  [[nodiscard]] std::optional<Result<std::vector<Rows>>> answer();
  /// Takes what has come, when the socket says so.
  [[nodiscard]] Result<void> receive();
  /// What is awaited: POLLIN, perhaps with POLLOUT.
  [[nodiscard]] short events() const noexcept { return events_; }
  [[nodiscard]] int socket() const noexcept { return PQsocket(get()); }
  /// Nobody waits any longer: it is closed.
  Error too_late(Certainty certainty);
  [[nodiscard]] bool is_open() const noexcept { return connection_ != nullptr; }

  /// Statements without parameters, by the simple protocol: for schemas. The last one's rows, as text.
  [[nodiscard]] Result<Rows> execute(const std::string& sql, Deadline deadline);

  /// Whether the next caller can have it: open, in no transaction, with nothing left to read.
  [[nodiscard]] bool is_idle() noexcept;

  /// Whether the last failure was a conflict with another transaction: certain to have done nothing.
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

  /// What was sent up to a sync, and what has come of it.
  struct Transaction {
    std::vector<Expected> expected{};
    std::size_t answered = 0;
    std::vector<Rows> rows{};
    std::optional<Error> failure{};
  };

  Connection(PGconn* connection, bool prepare, const Report& report) noexcept
      : connection_{connection}, prepare_{prepare}, report_{&report} {}

  bool send(const Query& query, bool is_wanted);
  /// Whether the transaction is over.
  bool take(Rows rows, Transaction& transaction);
  /// nullopt: there is more to be awaited; nullptr: between the results of two statements.
  std::optional<Result<PGresult*>> next_result();
  Result<void> wait(short events, Deadline deadline) const;
  Error refused(const Rows& result, bool may_be_committed);
  /// Closes it, and says what libpq does.
  Error lost(Certainty certainty);

  std::unique_ptr<PGconn, Finish> connection_;
  bool prepare_;
  bool met_conflict_ = false;
  const Report* report_;
  std::unordered_set<const Statement*> prepared_;
  std::deque<Transaction> unanswered_;
  short events_ = POLLIN;
};

}  // namespace event_draft::postgres
