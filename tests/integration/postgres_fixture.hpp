#pragma once

#include <doctest/doctest.h>
#include <libpq-fe.h>
#include <signal.h>
#include <unistd.h>

#include <adapters/postgres/postgres_draft_repository.hpp>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <event_draft/testing/printing.hpp>
#include <event_draft/testing/samples.hpp>
#include <fstream>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "real_server.hpp"

// What the tests of the PostgreSQL adapter share.
namespace event_draft::testing {

using postgres::PostgresDraftRepository;

inline Deadline in_good_time() { return Deadline::after(std::chrono::seconds{30}); }

/// Another program's connection, as psql's.
class PostgresShell {
 public:
  explicit PostgresShell(const std::string& url) : connection_{PQconnectdb(url.c_str())} {
    REQUIRE_MESSAGE(PQstatus(connection_) == CONNECTION_OK, std::string{PQerrorMessage(connection_)});
    PQsetNoticeProcessor(
        connection_, [](void*, const char*) {}, nullptr);
  }
  ~PostgresShell() { PQfinish(connection_); }
  PostgresShell(const PostgresShell&) = delete;
  PostgresShell& operator=(const PostgresShell&) = delete;

  /// The first field of the first row; the error's SQLSTATE when it fails.
  std::string ask(const std::string& sql) {
    PGresult* const result = PQexec(connection_, sql.c_str());
    std::string answer;
    const char* const state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (state != nullptr) answer = state;
    if (PQntuples(result) > 0) answer = PQgetisnull(result, 0, 0) != 0 ? "null" : PQgetvalue(result, 0, 0);
    is_well_ = PQresultStatus(result) == PGRES_TUPLES_OK || PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
    return answer;
  }

  bool can(const std::string& sql) {
    ask(sql);
    return is_well_;
  }
  void run(const std::string& sql) {
    INFO(sql);
    ask(sql);
    REQUIRE_MESSAGE(is_well_, std::string{PQerrorMessage(connection_)});
  }

 private:
  PGconn* connection_;
  bool is_well_ = true;
};

/// A role with a schema of its own, which is the first of its search_path. They go with the server.
class PostgresSchema {
 public:
  explicit PostgresSchema(const RealServer& server = RealServer{"postgres"}) : admin_url_{server.url()} {
    static std::atomic<int> made = 0;
    name_ = "of_test_" + std::to_string(::getpid()) + "_" + std::to_string(++made);
    PostgresShell{admin_url_}.run("CREATE ROLE " + name_ + " LOGIN; CREATE SCHEMA AUTHORIZATION " + name_);
  }

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& admin_url() const { return admin_url_; }
  [[nodiscard]] std::string url() const {
    std::string url = admin_url_;
    return url.replace(url.find("postgres@"), 8, name_);
  }

  /// As an administrator does; returns once they are gone.
  void end_connections() const {
    PostgresShell{admin_url_}.run("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = '" +
                                  name_ + "' AND application_name = 'event_draft'");
  }

  [[nodiscard]] postgres::Config config() const { return {.url = url()}; }

 private:
  std::string admin_url_;
  std::string name_;
};

/// The causes of failures, as they are told.
class Causes {
 public:
  std::function<void(std::string_view)> collector() {
    return [this](std::string_view cause) {
      const std::lock_guard lock{mutex_};
      causes_.emplace_back(cause);
    };
  }
  std::vector<std::string> take() {
    const std::lock_guard lock{mutex_};
    return std::exchange(causes_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> causes_;
};

inline std::string open_error(const postgres::Config& config) {
  try {
    const PostgresDraftRepository repository{config};
  } catch (const postgres::OpenError& error) {
    return error.what();
  }
  return {};
}

template <class T>
Error error_of(const Result<T>& result) {
  REQUIRE_FALSE(result);
  return result.assume_error();
}

/// Who is told of what happens on a connection, and does not care.
inline const postgres::Report nobody = [](std::string_view) {};

inline Error unknown(Errc code) { return {code, {}, Certainty::unknown}; }

inline bool is_up(const RealServer& server) {
  PGconn* const connection = PQconnectdb(server.url().c_str());
  const bool connected = PQstatus(connection) == CONNECTION_OK;
  PQfinish(connection);
  return connected;
}

inline void wait_until_up(const RealServer& server) {
  const auto began = std::chrono::steady_clock::now();
  while (!is_up(server)) {
    REQUIRE(std::chrono::steady_clock::now() - began < std::chrono::seconds{20});
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
}

/// Kills one of the server's processes, which makes it end all the others and start them again, and waits until it has. For a moment
/// after the kill it still takes connections, that it then ends too.
inline void crash(const RealServer& server, pid_t process) {
  const std::string checkpointer = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'";
  const std::string before = PostgresShell{server.url()}.ask(checkpointer);
  ::kill(process, SIGKILL);
  const Deadline patience = in_good_time();
  const auto is_started_again = [&] {
    PGconn* const connection = PQconnectdb(server.url().c_str());
    PGresult* const result = PQexec(connection, checkpointer.c_str());
    const bool is_another = PQntuples(result) == 1 && PQgetvalue(result, 0, 0) != before;
    PQclear(result);
    PQfinish(connection);
    return is_another;
  };
  while (!is_started_again()) {
    REQUIRE_FALSE(patience.expired());
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
}

template <class Repository>
EventDraft saved(Repository& repository, std::int64_t user = 123) {
  const auto result = repository.save(sample_new_draft(user), in_good_time());
  REQUIRE(result);
  CHECK(result.assume_value().inserted);
  return result.assume_value().draft;
}

/// Does `first` in a transaction that stays open while `second` runs, and is then committed.
template <class Second>
auto while_open(PostgresShell& shell, const std::string& first, Second second) {
  shell.run("BEGIN; " + first);
  std::optional<std::invoke_result_t<Second>> result;
  std::atomic<bool> has_ended = false;
  std::thread waiting{[&] {
    result = second();
    has_ended = true;
  }};
  std::this_thread::sleep_for(std::chrono::milliseconds{150});
  CHECK_FALSE(has_ended);  // it waits
  shell.run("COMMIT");
  waiting.join();
  return *result;
}

/// A schema of its own with a repository, and a way past it.
struct Database {
  PostgresSchema schema;
  Causes causes;
  PostgresDraftRepository repository{config()};
  PostgresShell shell{schema.url()};

  postgres::Config config() {
    auto config = schema.config();
    config.on_failure = causes.collector();
    return config;
  }
};

/// The server and its children.
inline std::vector<pid_t> processes(const RealServer& server) {
  std::vector<pid_t> all{server.pid()};
  std::ifstream children{"/proc/" + std::to_string(all[0]) + "/task/" + std::to_string(all[0]) + "/children"};
  for (pid_t child = 0; children >> child;) all.push_back(child);
  return all;
}

/// All of the server's processes are stopped for as long as this lives.
class Paused {
 public:
  explicit Paused(const RealServer& server) : stopped_{processes(server)} {
    for (const pid_t each : stopped_) ::kill(each, SIGSTOP);
  }
  ~Paused() {
    for (const pid_t each : stopped_) ::kill(each, SIGCONT);
  }
  Paused(const Paused&) = delete;
  Paused& operator=(const Paused&) = delete;

 private:
  std::vector<pid_t> stopped_;
};

/// Lets anything into the tables.
inline constexpr const char* no_checks = R"sql(
DO $$ DECLARE c record; BEGIN
  FOR c IN SELECT conrelid::regclass AS t, conname FROM pg_constraint
           WHERE contype IN ('c', 'f') AND connamespace = current_schema::regnamespace
  LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', c.t, c.conname); END LOOP;
END $$)sql";

}  // namespace event_draft::testing
