#include "connection.hpp"

#include <fmt/core.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <optional>
#include <string>
#include <utility>

#include "shown_url.hpp"
#include "sql_state.hpp"
#include "statements.hpp"

namespace event_draft::postgres {
namespace {

constexpr int binary = 1;
/// How long a server's machine may leave what it was sent unacknowledged, and after how much quiet it is asked whether it is there:
/// it ends the wait of who has no deadline.
constexpr auto unheard_milliseconds = "10000";
constexpr auto quiet_seconds = "5";

/// What the server may use of the time until the deadline; the rest is for its answer's way.
std::string statement_limit(Deadline deadline) {
  using std::chrono::milliseconds;
  const auto left = std::chrono::floor<milliseconds>(deadline.remaining());
  const auto limit = left - std::min(left / 8, milliseconds{25});
  constexpr milliseconds most = std::chrono::hours{24};
  return std::to_string(std::clamp(limit, milliseconds{1}, most).count());  // 0 would be no limit
}

std::string one_line(std::string_view text) {
  std::string line{text};
  while (!line.empty() && line.back() == '\n') line.pop_back();
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

}  // namespace

Result<Connection> Connection::open(const std::string& url, bool prepare, Deadline deadline, const Report& report) {
  if (deadline.expired()) return Errc::deadline_exceeded;
  BOOST_OUTCOME_TRY(auto connection, start(url, prepare, report));
  for (;;) {
    BOOST_OUTCOME_TRY(const bool is_connected, connection.connect_further());
    if (is_connected) return connection;
    if (!connection.wait(connection.events_, deadline)) return connection.too_late(Certainty::not_applied);
  }
}

Result<Connection> Connection::start(const std::string& url, bool prepare, const Report& report,
                                     const std::optional<Addresses>& addresses) {
  if (!is_readable(url)) {  // libpq's own words quote it
    report("the connection string can't be read; what is special in a URL must be percent-encoded");
    return Errc::storage_unavailable;
  }
  constexpr const char* end = nullptr;
  // What comes before dbname, the URL may say otherwise.
  const std::array keywords{"fallback_application_name",
                            "tcp_user_timeout",
                            "keepalives_idle",
                            "keepalives_interval",
                            "dbname",
                            "client_encoding",
                            addresses ? "host" : end,
                            "hostaddr",
                            "port",
                            end};
  const auto text_of = [&](std::string Addresses::*list) { return addresses ? ((*addresses).*list).c_str() : end; };
  const std::array values{"event_draft",
                          unheard_milliseconds,
                          quiet_seconds,
                          quiet_seconds,
                          url.c_str(),
                          "UTF8",
                          text_of(&Addresses::hosts),
                          text_of(&Addresses::addresses),
                          text_of(&Addresses::ports),
                          end};
  Connection connection{PQconnectStartParams(keywords.data(), values.data(), 1), prepare, report};
  if (connection.get() == nullptr) return Errc::storage_unavailable;  // out of memory
  if (PQstatus(connection.get()) == CONNECTION_BAD) return connection.lost(Certainty::not_applied);
  PQsetNoticeProcessor(
      connection.get(), [](void*, const char*) {}, nullptr);
  connection.events_ = 0;
  return connection;
}

Result<bool> Connection::connect_further() {
  // libpq asks to be polled first when the socket can be written to.
  const auto state = std::exchange(events_, POLLOUT) == 0 ? PGRES_POLLING_WRITING : PQconnectPoll(get());
  if (state == PGRES_POLLING_FAILED) return lost(Certainty::not_applied);
  events_ = state == PGRES_POLLING_WRITING ? POLLOUT : POLLIN;
  if (state != PGRES_POLLING_OK) return false;
  if (PQsetnonblocking(get(), 1) != 0 || PQenterPipelineMode(get()) != 1) return lost(Certainty::not_applied);
  return true;
}

Result<std::vector<Rows>> Connection::run(std::span<const Query> queries, Deadline deadline) {
  if (deadline.expired()) return Errc::deadline_exceeded;
  BOOST_OUTCOME_TRY(send(queries, deadline));
  for (;;) {
    if (auto rows = answer()) return *std::move(rows);
    if (!wait(events_, deadline)) return too_late(Certainty::unknown);
    BOOST_OUTCOME_TRY(receive());
  }
}

Result<void> Connection::send(std::span<const Query> queries, Deadline deadline, std::chrono::milliseconds lock_wait) {
  met_conflict_ = false;
  unanswered_.emplace_back();
  const std::string limit = statement_limit(deadline);
  const std::string lock_limit = std::to_string(lock_wait.count());
  const Parameters limits{std::string_view{limit}, std::string_view{lock_limit}};
  bool is_sent = send({sql::limit_time, limits}, false);
  for (const Query& query : queries) is_sent = is_sent && send(query, true);
  if (!is_sent) return lost(Certainty::not_applied);  // without a sync nothing is committed
  if (PQpipelineSync(get()) != 1) return lost(Certainty::unknown);
  return success();
}

bool Connection::send(const Query& query, bool is_wanted) {
  const auto& [statement, parameters] = query;
  auto& expected = unanswered_.back().expected;
  const auto prepares_it = [&](const Transaction& each) {
    return std::ranges::any_of(each.expected, [&](const Expected& one) { return one.prepared == &statement; });
  };
  const bool is_prepared = prepared_.contains(&statement) || prepares_it(unanswered_.back());
  // What an earlier transaction prepares is not there for others if it fails before that.
  if (!prepare_ || (!is_prepared && std::ranges::any_of(unanswered_, prepares_it))) {
    expected.push_back({nullptr, is_wanted});
    return PQsendQueryParams(get(), statement.text, parameters.size(), nullptr, parameters.values(),
                             parameters.lengths(), parameters.formats(), binary) == 1;
  }
  if (!is_prepared) {
    expected.push_back({&statement, false});
    if (PQsendPrepare(get(), statement.name.data(), statement.text, 0, nullptr) != 1) return false;
  }
  expected.push_back({nullptr, is_wanted});
  return PQsendQueryPrepared(get(), statement.name.data(), parameters.size(), parameters.values(), parameters.lengths(),
                             parameters.formats(), binary) == 1;
}

std::optional<Result<std::vector<Rows>>> Connection::answer() {
  for (;;) {
    auto next = next_result();
    if (!next) return std::nullopt;
    if (!*next) return next->assume_error();
    if (next->assume_value() == nullptr) {
      if (PQstatus(get()) == CONNECTION_BAD) return lost(Certainty::unknown);
      continue;
    }
    Transaction& transaction = unanswered_.front();
    if (!take(Rows{next->assume_value()}, transaction)) continue;
    Transaction ended = std::move(transaction);
    unanswered_.pop_front();
    if (ended.failure) return *ended.failure;
    return std::move(ended.rows);
  }
}

bool Connection::take(Rows rows, Transaction& transaction) {
  switch (rows.status()) {
    case PGRES_PIPELINE_SYNC: return true;
    case PGRES_PIPELINE_ABORTED: return false;
    case PGRES_TUPLES_OK:
    case PGRES_COMMAND_OK: {
      const auto [prepared, is_wanted] = transaction.expected[transaction.answered++];
      if (prepared != nullptr) prepared_.insert(prepared);
      if (is_wanted) transaction.rows.push_back(std::move(rows));
      return false;
    }
    default: {
      const Error error = refused(rows, transaction.answered == transaction.expected.size());
      if (!transaction.failure) transaction.failure = error;
      return !connection_;
    }
  }
}

std::optional<Result<PGresult*>> Connection::next_result() {
  const int unsent = PQflush(get());
  if (unsent < 0) return lost(Certainty::unknown);
  events_ = static_cast<short>(unsent > 0 ? POLLIN | POLLOUT : POLLIN);
  if (PQisBusy(get()) != 0) return std::nullopt;
  return PQgetResult(get());
}

Result<void> Connection::receive() {
  if (PQconsumeInput(get()) != 1 && PQisBusy(get()) != 0) return lost(Certainty::unknown);
  return success();
}

Result<void> Connection::wait(short events, Deadline deadline) const {
  pollfd socket{PQsocket(get()), events, 0};
  for (;;) {
    const auto left = deadline.remaining();
    if (left.count() == 0) return Errc::deadline_exceeded;
    const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
    const timespec span{seconds.count(), (left - seconds).count()};
    const int ready = ::ppoll(&socket, 1, &span, nullptr);
    if (ready > 0 || (ready < 0 && errno != EINTR)) return success();
  }
}

Error Connection::refused(const Rows& result, bool may_be_committed) {
  const std::string state{result.sql_state()};
  if (state.empty()) return lost(Certainty::unknown);  // libpq's own words
  const std::string_view hint = advice(state);
  (*report_)(fmt::format("{} (SQLSTATE {}{}{})", one_line(result.message()), state, hint.empty() ? "" : "; ", hint));
  met_conflict_ = is_conflict(state);
  Error error = error_of(state);
  if (result.is_last_word() && may_be_committed) error.certainty = Certainty::unknown;
  if (result.is_last_word() || ends_connection(state)) connection_.reset();
  return error;
}

Error Connection::lost(Certainty certainty) {
  met_conflict_ = false;
  (*report_)(one_line(PQerrorMessage(get())));
  connection_.reset();
  return {Errc::storage_unavailable, {}, certainty};
}

Error Connection::too_late(Certainty certainty) {
  met_conflict_ = false;
  (*report_)("the server did not answer by the deadline");
  connection_.reset();
  return {Errc::deadline_exceeded, {}, certainty};
}

Result<Rows> Connection::execute(const std::string& sql, Deadline deadline) {
  if (deadline.expired()) return Errc::deadline_exceeded;
  if (PQexitPipelineMode(get()) != 1 || PQsendQuery(get(), sql.c_str()) != 1) return lost(Certainty::not_applied);
  Rows last{nullptr};
  std::optional<Error> failure;
  for (;;) {
    const auto next = next_result();
    if (!next) {
      if (!wait(events_, deadline)) return too_late(Certainty::unknown);
      BOOST_OUTCOME_TRY(receive());
      continue;
    }
    BOOST_OUTCOME_TRY(PGresult* const result, *next);
    if (result == nullptr) break;
    last = Rows{result};
    if (last.status() != PGRES_TUPLES_OK && last.status() != PGRES_COMMAND_OK && !failure)
      failure = refused(last, true);
    if (!connection_) return *failure;
  }
  if (PQstatus(get()) == CONNECTION_BAD || PQenterPipelineMode(get()) != 1) return lost(Certainty::unknown);
  if (failure) return *failure;
  return last;
}

bool Connection::is_idle() noexcept {
  if (!connection_ || PQstatus(get()) != CONNECTION_OK) return false;
  pollfd socket{PQsocket(get()), POLLIN, 0};
  if (::poll(&socket, 1, 0) != 0) return false;  // unasked, a server has little to say but farewell
  return PQisBusy(get()) == 0 && PQtransactionStatus(get()) == PQTRANS_IDLE && PQstatus(get()) == CONNECTION_OK;
}

Result<bool> Connection::wait_for_notification(Deadline deadline) {
  struct Free {
    void operator()(PGnotify* notification) const noexcept { PQfreemem(notification); }
  };
  using Notification = std::unique_ptr<PGnotify, Free>;
  for (;;) {
    bool any = false;
    while (Notification{PQnotifies(get())}) any = true;
    if (any) return true;
    if (!wait(POLLIN, deadline)) return false;
    if (PQconsumeInput(get()) != 1) return lost(Certainty::not_applied);
  }
}

std::string_view Connection::setting(const char* name) const noexcept {
  const char* const value = PQparameterStatus(get(), name);
  return value == nullptr ? std::string_view{} : std::string_view{value};
}

}  // namespace event_draft::postgres
