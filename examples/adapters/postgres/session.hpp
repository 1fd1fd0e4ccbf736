#pragma once

#include <adapters/pool/connection_pool.hpp>
#include <cstddef>
#include <event_draft/deadline.hpp>
#include <event_draft/result.hpp>
#include <initializer_list>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "config.hpp"
#include "connection.hpp"

namespace event_draft::postgres {

/// The database, for many callers at a time: a batch of statements is one transaction on some connection.
class Session {
 public:
  /// Throws `OpenError`, after what failed was reported.
  explicit Session(Config config);

  /// Runs a batch, again when it met a conflict with another transaction. The rows are those of each statement.
  [[nodiscard]] Result<std::vector<Rows>> run(std::initializer_list<Query> queries, Deadline deadline);
  /// Of one statement.
  [[nodiscard]] Result<Rows> run(const Statement& statement, const Parameters& parameters, Deadline deadline);
  /// Of one that changes nothing, so that nothing is unknown of its effect.
  [[nodiscard]] Result<Rows> read(const Statement& statement, const Parameters& parameters, Deadline deadline);

  void report(std::string_view cause);

  [[nodiscard]] std::size_t connections() const { return pool_.size().all; }

 private:
  void prepare_schema();

  const Config config_;
  std::mutex reporting_;
  const Report report_ = [this](std::string_view cause) { report(cause); };
  adapters::ConnectionPool<Connection> pool_;
};

}  // namespace event_draft::postgres
