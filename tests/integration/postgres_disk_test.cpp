#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "async_postgres_fixture.hpp"

// A server whose disk is full: `examples/servers/run --postgres-on-small-disk`.
namespace {

using namespace event_draft;
using namespace event_draft::testing;
using std::chrono::milliseconds;

/// All that is left of the server's disk, for as long as this lives.
class Filler {
 public:
  explicit Filler(const RealServer& server) : path_{server.folder() + "/data/filler"} { fill(); }
  ~Filler() { ::unlink(path_.c_str()); }
  Filler(const Filler&) = delete;
  Filler& operator=(const Filler&) = delete;

  /// Takes what has become free since.
  void fill() {
    const int file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    REQUIRE(file >= 0);
    int failure = 0;
    for (const off_t piece : {off_t{1} << 20U, off_t{4096}}) {
      do {
        failure = ::posix_fallocate(file, ::lseek(file, 0, SEEK_END), piece);
        if (failure == 0) ::lseek(file, 0, SEEK_END);
      } while (failure == 0);
    }
    ::close(file);
    REQUIRE(failure == ENOSPC);
  }

 private:
  std::string path_;
};

/// A save as a request makes it.
template <class Repository>
Result<SavedDraft> try_to_save(Repository& repository, std::int64_t user) {
  const Deadline deadline = Deadline::after(milliseconds{500});
  auto result = repository.save(sample_new_draft(user), deadline);
  CHECK_FALSE(Deadline{deadline.at() + milliseconds{500}}.expired());
  return result;
}

/// Which has its 16 MB of space from the beginning, so that it is the tables that have none.
void begin_new_log_of_writes(const std::string& url) {
  PostgresShell shell{url};
  shell.run("SELECT pg_switch_wal()");
  shell.run("SELECT pg_logical_emit_message(true, '', '')");
}

std::string count(PostgresShell& shell, const std::string& table, std::int64_t user) {
  const std::string of_user = " WHERE user_id = " + std::to_string(user);
  return shell.ask("SELECT count(*) FROM " + table +
                   (table == "outbox" ? " JOIN drafts ON drafts.id = draft_id" + of_user : of_user));
}

TEST_CASE_TEMPLATE("on a full disk a save is refused and leaves nothing, drafts are found, and with space all goes on",
                   Repository, PostgresDraftRepository, LoopedPostgres) {
  const RealServer server{"postgres"};
  const PostgresSchema schema;
  Causes causes;
  auto config = schema.config();
  config.connections = 1;
  config.on_failure = causes.collector();
  Repository repository{config};
  std::map<std::int64_t, EventDraft> drafts{{1, saved(repository, 1)}};
  PostgresShell shell{schema.url()};
  const std::string of_its_sessions =
      "SELECT string_agg(pid::text, ' ' ORDER BY pid) FROM pg_stat_activity WHERE usename = '" + schema.name() +
      "' AND application_name = 'event_draft'";
  const std::string sessions = shell.ask(of_its_sessions);
  begin_new_log_of_writes(schema.admin_url());

  std::vector<std::int64_t> refused;
  {
    const Filler filler{server};
    for (std::int64_t user = 2; refused.size() != 20; ++user) {
      REQUIRE(user < 1000);
      const auto result = try_to_save(repository, user);  // a page that was not full takes some more
      if (result) {
        drafts.emplace(user, result.assume_value().draft);
      } else {
        CHECK(error_of(result) == Error{Errc::storage_unavailable});
        refused.push_back(user);
      }
    }
    for (const std::string& cause : causes.take()) CHECK(cause.find("SQLSTATE 53100") != std::string::npos);
    for (const std::int64_t user : refused) {
      for (const char* const table : {"drafts", "in_progress_drafts", "outbox"})
        CHECK(count(shell, table, user) == "0");
    }
    CHECK(repository.ready(in_good_time()));
    for (const auto& [user, draft] : drafts) CHECK(repository.find(draft.id, in_good_time()).value() == draft);
  }
  for (const std::int64_t user : refused) drafts.emplace(user, saved(repository, user));
  for (const auto& [user, draft] : drafts) {
    CHECK(repository.find(draft.id, in_good_time()).value() == draft);
    for (const char* const table : {"drafts", "in_progress_drafts", "outbox"}) CHECK(count(shell, table, user) == "1");
  }
  CHECK(shell.ask(of_its_sessions) == sessions);  // the connection was kept
  MESSAGE("saved on the full disk before the first was refused: ", refused.front() - 2);
}

std::uintmax_t length_of_log(const RealServer& server) { return std::filesystem::file_size(server.folder() + "/log"); }

/// Each save that is refused makes the log longer, so it is read in one piece: else who reads it falls behind in an instrumented build.
bool has_panicked(const RealServer& server, std::uintmax_t since) {
  std::string text(length_of_log(server) - since, '\0');
  std::ifstream file{server.folder() + "/log"};
  file.seekg(static_cast<std::streamoff>(since));
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  return text.find("PANIC") != std::string::npos;
}

/// Uses up the log of writes until the server can't go on, and says so in its log after `logged`.
void end_for_want_of_space(const RealServer& server, Filler& filler, std::uintmax_t logged) {
  PostgresShell shell{server.url()};
  const auto began = std::chrono::steady_clock::now();
  while (!has_panicked(server, logged)) {
    REQUIRE(std::chrono::steady_clock::now() - began < std::chrono::seconds{30});
    shell.can("SELECT pg_logical_emit_message(false, '', repeat('x', 1000000))");
    filler.fill();
  }
}

/// In the tables, for drafts that come when their files can't grow any more.
template <class Repository>
void make_room(Repository& repository, const std::string& url) {
  for (std::int64_t user = 1; user <= 300; ++user) saved(repository, user);
  PostgresShell shell{url};
  for (const std::string table : {"outbox", "in_progress_drafts", "drafts"}) {
    shell.run("DELETE FROM " + table);
    shell.run("VACUUM (TRUNCATE off) " + table);
  }
}

TEST_CASE_TEMPLATE("a server that dies of a full disk loses no draft, and is used again once it has space", Repository,
                   PostgresDraftRepository, LoopedPostgres) {
  const RealServer server{"postgres"};
  const PostgresSchema schema;
  auto config = schema.config();
  config.connections = 4;
  Repository repository{config};
  make_room(repository, schema.url());
  // No part of the log of writes is used again, so it grows until there is no space.
  PostgresShell{server.url()}.run("SELECT pg_create_physical_replication_slot('nobody', true)");
  std::mutex mutex;
  std::map<std::int64_t, Result<SavedDraft>> outcomes;
  const std::uintmax_t logged = length_of_log(server);
  {
    Filler filler{server};
    std::atomic<std::int64_t> last_user = 1000;
    std::vector<std::jthread> clients;
    for (int i = 0; i != 4; ++i) {
      clients.emplace_back([&](const std::stop_token& end) {
        while (!end.stop_requested()) {
          const std::int64_t user = ++last_user;
          auto result = try_to_save(repository, user);
          const auto pause = milliseconds{result ? 2 : 20};
          {
            const std::lock_guard lock{mutex};
            outcomes.emplace(user, std::move(result));
          }
          std::this_thread::sleep_for(pause);
        }
      });
    }
    end_for_want_of_space(server, filler, logged);
  }
  wait_until_up(server);
  const auto began = std::chrono::steady_clock::now();
  while (!repository.ready(in_good_time())) {
    REQUIRE(std::chrono::steady_clock::now() - began < std::chrono::seconds{2});
    std::this_thread::sleep_for(milliseconds{5});
  }

  PostgresShell shell{schema.url()};
  PostgresShell{server.url()}.run("SELECT pg_drop_replication_slot('nobody')");
  std::map<Certainty, int> failures;
  for (const auto& [user, outcome] : outcomes) {
    CAPTURE(user);
    if (outcome) {
      const EventDraft& draft = outcome.assume_value().draft;
      CHECK(repository.find(draft.id, in_good_time()).value() == draft);
      continue;
    }
    const Error error = error_of(outcome);
    CHECK((error == Errc::storage_unavailable || error == Errc::deadline_exceeded));
    ++failures[error.certainty];
    if (error.certainty == Certainty::not_applied) CHECK(count(shell, "drafts", user) == "0");
    CHECK(repository.save(sample_new_draft(user), in_good_time()));
    for (const char* const table : {"drafts", "in_progress_drafts", "outbox"}) CHECK(count(shell, table, user) == "1");
  }
  CHECK_FALSE(failures.empty());
  MESSAGE(outcomes.size(), " saves, ", failures[Certainty::not_applied], " not applied, ", failures[Certainty::unknown],
          " unknown");
}

}  // namespace
