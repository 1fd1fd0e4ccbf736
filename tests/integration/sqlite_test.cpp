#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <adapters/sqlite/draft_row.hpp>
#include <adapters/sqlite/schema.hpp>
#include <adapters/sqlite/sqlite_draft_repository.hpp>
#include <array>
#include <atomic>
#include <chrono>
#include <event_draft/testing/printing.hpp>
#include <event_draft/testing/samples.hpp>
#include <filesystem>
#include <fstream>
#include <future>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "disk_faults.hpp"
#include "sqlite_fixture.hpp"

namespace {

using namespace event_draft;
using namespace event_draft::testing;
using sqlite::SqliteDraftRepository;

TEST_CASE("a row reads as its draft only when it keeps the domain's rules") {
  const sqlite::DraftRow good{7, 123, "매출 증대", "맛있는집", "음식점", "서울시 강남구", "DRAFT", 1'795'424'400'123};
  REQUIRE(sqlite::decode(good));
  CHECK(sqlite::decode(good)->id.view() == "draft-7");
  CHECK(to_text(sqlite::decode(good)->created_at).view() == "2026-11-23T09:00:00.123Z");
  const auto without = [&](auto change) {
    sqlite::DraftRow row = good;
    change(row);
    return sqlite::decode(row);
  };
  CHECK_FALSE(without([](auto& row) { row.id = 0; }));
  CHECK_FALSE(without([](auto& row) { row.id = -1; }));
  CHECK_FALSE(without([](auto& row) { row.user_id = 0; }));
  CHECK_FALSE(without([](auto& row) { row.objective = "무료 나눔"; }));
  CHECK_FALSE(without([](auto& row) { row.objective = " 매출 증대"; }));
  CHECK_FALSE(without([](auto& row) { row.store_name = ""; }));
  CHECK_FALSE(without([](auto& row) { row.industry = "\xFF"; }));
  CHECK_FALSE(without([](auto& row) { row.address = "a\nb"; }));
  CHECK_FALSE(without([](auto& row) { row.status = "DONE"; }));
  CHECK_FALSE(without([](auto& row) { row.created_at = 253'402'300'800'000; }));
  CHECK_FALSE(without([](auto& row) { row.created_at = -62'167'219'200'001; }));
  CHECK_FALSE(without([](auto& row) { row.created_at = std::numeric_limits<std::int64_t>::min(); }));
}

TEST_CASE("the database is in WAL mode, and each save is synced before it is acknowledged") {
  const Folder folder;
  SqliteDraftRepository repository{{folder.database}};
  CHECK(Shell{folder.database}.ask("PRAGMA journal_mode") == "wal");
  for (std::int64_t user = 1; user <= 5; ++user) {
    const int before = DiskFaults::syncs;
    saved(repository, user);
    CHECK(DiskFaults::syncs > before);
  }
  const int before = DiskFaults::syncs;
  CHECK(repository.save(sample_new_draft(1), in_good_time()));  // stores nothing
  CHECK(DiskFaults::syncs == before);
}

TEST_CASE("closing leaves one file with everything in it, beside the lock") {
  const Folder folder;
  {
    SqliteDraftRepository repository{{folder.database}};
    saved(repository);
  }
  CHECK_FALSE(std::filesystem::exists(folder.database.string() + "-wal"));
  CHECK(Shell{folder.database}.ask("SELECT count(*) FROM drafts") == "1");
  CHECK(Shell{folder.database}.ask("PRAGMA user_version") == std::to_string(sqlite::migrations.size()));
}

TEST_CASE("an older schema is brought forward with its drafts, in order") {
  const Folder folder;
  {
    SqliteDraftRepository repository{{folder.database}};
    saved(repository);
  }
  std::vector<const char*> steps{sqlite::migrations.begin(), sqlite::migrations.end()};
  steps.push_back("ALTER TABLE drafts ADD COLUMN note TEXT");
  steps.push_back("UPDATE drafts SET note = 'migrated'");
  sqlite3* raw = nullptr;
  REQUIRE(sqlite3_open(folder.database.c_str(), &raw) == SQLITE_OK);
  const sqlite::Database database{raw};
  sqlite::migrate(raw, steps);
  sqlite::migrate(raw, steps);  // and not twice
  CHECK(Shell{folder.database}.ask("SELECT note FROM drafts") == "migrated");
  CHECK(Shell{folder.database}.ask("PRAGMA user_version") == std::to_string(steps.size()));
  steps.push_back("ALTER TABLE drafts ADD COLUMN other TEXT; no SQL");
  CHECK_THROWS_AS(sqlite::migrate(raw, steps), sqlite::OpenError);
  REQUIRE(sqlite3_exec(raw, "ROLLBACK", nullptr, nullptr, nullptr) == SQLITE_OK);  // else the connection's end would
  CHECK(Shell{folder.database}.ask("PRAGMA user_version") == std::to_string(steps.size() - 1));
  CHECK(Shell{folder.database}.ask("SELECT count(*) FROM pragma_table_info('drafts') WHERE name = 'other'") == "0");
}

TEST_CASE("a newer schema is refused and left alone") {
  const Folder folder;
  { const SqliteDraftRepository repository{{folder.database}}; }
  Shell{folder.database}.run("PRAGMA user_version = 99");
  const std::string error = open_error(folder.database);
  CHECK(error.find("version 99") != std::string::npos);
  CHECK(error.find(folder.database.string()) != std::string::npos);
  CHECK(Shell{folder.database}.ask("PRAGMA user_version") == "99");
}

TEST_CASE("another application's database is refused and left alone") {
  const Folder folder;
  Shell{folder.database}.run("CREATE TABLE theirs (id INTEGER)");
  CHECK(open_error(folder.database).find("another application") != std::string::npos);
  CHECK(Shell{folder.database}.ask("SELECT count(*) FROM sqlite_schema") == "1");
}

TEST_CASE("a damaged database is refused with a reason") {
  const Folder folder;
  SUBCASE("no database at all") {
    std::ofstream{folder.database} << std::string(10000, 'x');
    CHECK(open_error(folder.database).find("not a database") != std::string::npos);
  }
  SUBCASE("pages overwritten") {
    {
      SqliteDraftRepository repository{{folder.database}};
      for (std::int64_t user = 1; user <= 100; ++user) saved(repository, user);
    }
    std::fstream file{folder.database, std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(4096);
    file << std::string(8192, '\x5A');
    file.close();
    const std::string error = open_error(folder.database);
    CHECK_MESSAGE((error.find("damaged") != std::string::npos || error.find("malformed") != std::string::npos), error);
  }
}

TEST_CASE("what can't be written is refused with a reason") {
  const Folder folder;
  SUBCASE("a folder in the file's place") {
    std::filesystem::create_directory(folder.database);
    CHECK(open_error(folder.database).find("unable to open") != std::string::npos);
  }
  SUBCASE("a folder that is not there") {
    const std::string error = open_error(folder.directory.path() / "none" / "drafts.db");
    CHECK(error.find("No such file") != std::string::npos);
  }
  SUBCASE("a file in the folder's place") {
    std::ofstream{folder.directory.path() / "file"} << "x";
    CHECK(open_error(folder.directory.path() / "file" / "drafts.db").find("Not a directory") != std::string::npos);
  }
}

TEST_CASE("a second process, or a second repository, is refused until the first is gone") {
  const Folder folder;
  {
    SqliteDraftRepository repository{{folder.database}};
    CHECK(open_error(folder.database).find("in use by another process") != std::string::npos);
    const pid_t child = ::fork();
    if (child == 0) ::_exit(open_error(folder.database).find("in use by another process") != std::string::npos ? 0 : 1);
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    saved(repository);
  }
  CHECK(open_error(folder.database).empty());
}

TEST_CASE("a link to the database leads to the same lock") {
  const Folder folder;
  const std::filesystem::path link = folder.directory.path() / "link.db";
  std::filesystem::create_symlink(folder.database, link);
  CHECK(open_error(link).find("a link to nothing") != std::string::npos);
  {
    SqliteDraftRepository repository{{folder.database}};
    CHECK(open_error(link).find("in use by another process") != std::string::npos);
  }
  SqliteDraftRepository repository{{link}};
  CHECK(open_error(folder.database).find("in use by another process") != std::string::npos);
  saved(repository);
}

TEST_CASE("others may not read a new database, nor its log") {
  const Folder folder;
  const ::mode_t before = ::umask(0);
  SqliteDraftRepository repository{{folder.database}};
  ::umask(before);
  saved(repository);
  for (const char* const end : {"", "-wal", "-shm", ".lock"}) {
    INFO(end);
    struct stat status {};
    REQUIRE(::stat((folder.database.string() + end).c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0640);
  }
}

TEST_CASE("a database that is moved, replaced or deleted under the program takes no more drafts, and says so") {
  const Folder folder;
  std::vector<std::string> causes;
  SqliteDraftRepository repository{{folder.database, 0, [&](std::string_view cause) { causes.emplace_back(cause); }}};
  saved(repository, 1);
  const std::filesystem::path away = folder.directory.path() / "away.db";
  const std::filesystem::path log = folder.database.string() + "-wal";
  bool is_back = false;
  SUBCASE("moved, and back") {
    std::filesystem::rename(folder.database, away);
    is_back = true;
  }
  SUBCASE("replaced") {
    std::filesystem::copy_file(folder.database, away);
    std::filesystem::rename(away, folder.database);
  }
  SUBCASE("deleted") { std::filesystem::remove(folder.database); }
  SUBCASE("its log deleted") { std::filesystem::remove(log); }
  CHECK(error_of(repository.ready(in_good_time())) == Error{Errc::storage_unavailable});
  CHECK(error_of(repository.save(sample_new_draft(2), in_good_time())) == Error{Errc::storage_unavailable});
  REQUIRE(causes.size() == 2);
  CHECK(causes.back().find("moved, replaced or deleted") != std::string::npos);
  if (!is_back) return;
  std::filesystem::rename(away, folder.database);
  CHECK(repository.ready(in_good_time()));
  saved(repository, 2);
}

TEST_CASE("a log that grew is made small again") {
  const Folder folder;
  SqliteDraftRepository repository{{folder.database}};
  Shell{folder.database}.run("CREATE TABLE big (b); INSERT INTO big VALUES (randomblob(8000000)); DROP TABLE big");
  const std::filesystem::path log = folder.database.string() + "-wal";
  REQUIRE(std::filesystem::file_size(log) > 8'000'000);
  saved(repository, 1);
  CHECK(std::filesystem::file_size(log) <= 4 * 1024 * 1024);
}

TEST_CASE("a reader beside the server neither stops it nor is stopped") {
  const Folder folder;
  SqliteDraftRepository repository{{folder.database}};
  saved(repository, 1);
  Shell shell{folder.database};
  shell.run("BEGIN");
  CHECK(shell.ask("SELECT count(*) FROM drafts") == "1");
  saved(repository, 2);
  CHECK(shell.ask("SELECT count(*) FROM drafts") == "1");
  shell.run("COMMIT");
  CHECK(shell.ask("SELECT count(*) FROM drafts") == "2");
}

TEST_CASE("a save waits for a foreign lock until its deadline, and no longer") {
  const Folder folder;
  SqliteDraftRepository repository{{folder.database}};
  Shell shell{folder.database};
  shell.run("BEGIN IMMEDIATE");
  const auto began = std::chrono::steady_clock::now();
  const auto result = repository.save(sample_new_draft(), Deadline::after(std::chrono::milliseconds{150}));
  REQUIRE_FALSE(result);
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::milliseconds{1500});  // the start is more patient
  CHECK(result.assume_error() == Error{Errc::deadline_exceeded});
  CHECK(found(repository, DraftId::numbered(1)) == std::nullopt);  // readers need no lock
  shell.run("ROLLBACK");
  saved(repository);
}

TEST_CASE("a save goes on once a foreign lock is released") {
  const Folder folder;
  SqliteDraftRepository repository{{folder.database}};
  Shell shell{folder.database};
  shell.run("BEGIN IMMEDIATE");
  auto waiting = std::async(std::launch::async, [&] {
    return repository.save(sample_new_draft(), Deadline::after(std::chrono::seconds{5}));
  });
  CHECK(waiting.wait_for(std::chrono::milliseconds{100}) == std::future_status::timeout);
  shell.run("ROLLBACK");
  const auto result = waiting.get();
  REQUIRE(result);
  CHECK(result.assume_value().inserted);
}

TEST_CASE("a save whose deadline comes before its commit stores nothing") {
  const Folder folder;
  Deadline deadline = in_good_time();
  bool waited = false;
  SqliteDraftRepository repository{{folder.database, 0, [&](std::string_view) {  // of the corrupt holder
                                      std::this_thread::sleep_until(deadline.at());
                                      waited = true;
                                    }}};
  saved(repository);
  Shell shell{folder.database};
  shell.run("UPDATE drafts SET industry = ''");
  deadline = Deadline::after(std::chrono::seconds{1});
  CHECK(error_of(repository.save(sample_new_draft(), deadline)) == Error{Errc::deadline_exceeded});
  CHECK(waited);
  CHECK(shell.ask("SELECT count(*) FROM drafts") == "1");
}

TEST_CASE("callers wait for the connection until their deadline, and no longer") {
  const Folder folder;
  SqliteDraftRepository repository{{folder.database}};
  const EventDraft draft = saved(repository, 1);
  DiskFaults::hanging = true;
  std::thread blocked{[&] { static_cast<void>(repository.save(sample_new_draft(2), in_good_time())); }};
  const int before = DiskFaults::syncs;
  for (int i = 0; i != 2000 && DiskFaults::syncs == before; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  const auto soon = [] { return Deadline::after(std::chrono::milliseconds{20}); };
  CHECK(error_of(repository.find(draft.id, soon())) == Error{Errc::deadline_exceeded});
  CHECK(error_of(repository.save(sample_new_draft(3), soon())) == Error{Errc::deadline_exceeded});
  CHECK(error_of(repository.ready(soon())) == Error{Errc::deadline_exceeded});
  DiskFaults::hanging = false;
  blocked.join();
  CHECK(repository.ready(in_good_time()));
  CHECK(found(repository, draft.id) == draft);
}

TEST_CASE("a full disk is told, stores nothing, and leaves the reading as it was") {
  const Folder folder;
  std::vector<std::string> causes;
  SqliteDraftRepository repository{{folder.database, 8, [&](std::string_view cause) { causes.emplace_back(cause); }}};
  std::int64_t user = 1;
  Result<SavedDraft> last = repository.save(sample_new_draft(user), in_good_time());
  while (last && user < 10'000) last = repository.save(sample_new_draft(++user), in_good_time());
  REQUIRE_FALSE(last);
  CHECK(last.assume_error() == Error{Errc::storage_unavailable});
  REQUIRE_FALSE(causes.empty());
  CHECK(causes.back().find("full") != std::string::npos);
  CHECK(found(repository, DraftId::numbered(1)));
  CHECK(found(repository, DraftId::numbered(static_cast<std::uint64_t>(user))) == std::nullopt);
  CHECK(repository.save(sample_new_draft(1), in_good_time()).assume_value().inserted == false);
  CHECK(Shell{folder.database}.ask("SELECT count(*) FROM drafts") == std::to_string(user - 1));
}

TEST_CASE("a commit whose sync fails is unknown; the retry makes one draft, and not two") {
  const Folder folder;
  {
    SqliteDraftRepository repository{{folder.database}};
    DiskFaults::failing_syncs = 1;
    const auto first = repository.save(sample_new_draft(), in_good_time());
    DiskFaults::failing_syncs = 0;
    REQUIRE_FALSE(first);
    CHECK(first.assume_error() == Error{Errc::storage_unavailable, {}, Certainty::unknown});
    const auto second = repository.save(sample_new_draft(), in_good_time());
    REQUIRE(second);
    CHECK(found(repository, second.assume_value().draft.id) == second.assume_value().draft);
    saved(repository, 7);
  }
  SqliteDraftRepository reopened{{folder.database}};
  CHECK(Shell{folder.database}.ask("SELECT count(*) FROM drafts WHERE user_id = 123") == "1");
}

TEST_CASE("a corrupt row is told as such, and the others go on") {
  const Folder folder;
  SqliteDraftRepository repository{{folder.database}};
  Shell shell{folder.database};
  std::int64_t user = 0;
  for (const char* const change :
       {"objective = '무료 나눔'", "status = 'DONE'", "store_name = CAST(X'FF' AS TEXT)", "industry = ''",
        "address = CAST(X'610062' AS TEXT)", "created_at = 253402300800000", "user_id = -5"}) {
    INFO(change);
    const EventDraft broken = saved(repository, ++user);
    const EventDraft whole = saved(repository, user + 100);
    const std::string id{broken.id.view().substr(DraftId::prefix.size())};
    shell.run(std::string{"UPDATE drafts SET "} + change + " WHERE id = " + id);
    CHECK(error_of(repository.find(broken.id, in_good_time())) == Error{Errc::corrupt_draft});
    CHECK(found(repository, whole.id) == whole);
    const EventDraft next = saved(repository, user);  // its window is nobody's
    CHECK(next.id != broken.id);
    CHECK(repository.save(sample_new_draft(user), in_good_time()).assume_value().draft == next);
  }
}

TEST_CASE("a claim on a draft that is missing, or another user's, holds nothing") {
  const Folder folder;
  SqliteDraftRepository repository{{folder.database}};
  const EventDraft gone = saved(repository, 1);
  const EventDraft foreign = saved(repository, 2);
  Shell shell{folder.database};
  SUBCASE("missing") { shell.run("PRAGMA foreign_keys = OFF; DELETE FROM drafts WHERE id = 1"); }
  SUBCASE("another user's") { shell.run("UPDATE in_progress_drafts SET draft_id = 2 WHERE user_id = 1"); }
  const EventDraft next = saved(repository, 1);
  CHECK(next.id != gone.id);
  CHECK(next.id != foreign.id);
}

TEST_CASE("the schema keeps out what the domain does not know") {
  const Folder folder;
  const SqliteDraftRepository repository{{folder.database}};
  Shell shell{folder.database};
  shell.run("PRAGMA ignore_check_constraints = OFF");
  for (const char* const values :
       {"1, '무료 나눔', 'a', 'b', 'c', 'DRAFT', 0", "1, '매출 증대', '', 'b', 'c', 'DRAFT', 0",
        "0, '매출 증대', 'a', 'b', 'c', 'DRAFT', 0", "1, '매출 증대', 'a', 'b', 'c', 'DONE', 0",
        "1, '매출 증대', 'a', 'b', 'c', 'DRAFT', 'now'"}) {
    INFO(values);
    sqlite3* raw = nullptr;
    REQUIRE(sqlite3_open(folder.database.c_str(), &raw) == SQLITE_OK);
    const sqlite::Database database{raw};
    const std::string sql =
        std::string{
            "INSERT INTO drafts (user_id, objective, store_name, industry, address, status, created_at) VALUES ("} +
        values + ")";
    CHECK(sqlite3_exec(raw, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_CONSTRAINT);
  }
}

TEST_CASE("the draft a repository gives an id is never one that it gave before") {
  const Folder folder;
  {
    SqliteDraftRepository repository{{folder.database}};
    saved(repository, 1);
    saved(repository, 2);
  }
  Shell{folder.database}.run("DELETE FROM in_progress_drafts; DELETE FROM drafts");
  SqliteDraftRepository repository{{folder.database}};
  CHECK(saved(repository, 3).id == DraftId::numbered(3));
}

/// Saves for new users until it is killed; tells each draft's number and user through the pipe once it was acknowledged.
[[noreturn]] void save_for_ever(const std::filesystem::path& database, std::int64_t first_user, int pipe) {
  SqliteDraftRepository repository{{database}};
  for (std::int64_t user = first_user;; ++user) {
    const auto result = repository.save(sample_new_draft(user), in_good_time());
    if (!result) ::_exit(1);
    const std::array<std::int64_t, 2> told{*sqlite::row_id(result.assume_value().draft.id), user};
    if (::write(pipe, told.data(), sizeof told) != sizeof told) ::_exit(1);
  }
}

TEST_CASE("what was acknowledged before the process was killed is there, with its window and its event") {
  const Folder folder;
  std::set<std::int64_t> ids;
  for (int round = 0; round != 20; ++round) {
    std::array<int, 2> pipe{};
    REQUIRE(::pipe(pipe.data()) == 0);
    const pid_t child = ::fork();
    if (child == 0) save_for_ever(folder.database, 1 + round * 1'000'000, pipe[1]);
    ::close(pipe[1]);
    std::vector<std::array<std::int64_t, 2>> acknowledged;
    std::array<std::int64_t, 2> told{};
    const auto read_one = [&] { return ::read(pipe[0], told.data(), sizeof told) == sizeof told; };
    const int wanted = 3 + round;
    while (static_cast<int>(acknowledged.size()) < wanted && read_one()) acknowledged.push_back(told);
    ::kill(child, SIGKILL);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    while (read_one()) acknowledged.push_back(told);
    ::close(pipe[0]);
    REQUIRE(static_cast<int>(acknowledged.size()) >= wanted);
    SqliteDraftRepository repository{{folder.database}};
    for (const auto& [id, user] : acknowledged) {
      CHECK(ids.insert(id).second);
      const EventDraft draft = with_id(sample_new_draft(user), DraftId::numbered(static_cast<std::uint64_t>(id)));
      CHECK(found(repository, draft.id) == draft);
      CHECK(repository.save(sample_new_draft(user), in_good_time()).assume_value() == SavedDraft{draft, false});
    }
    CHECK(Shell{folder.database}.ask("SELECT count(*) FROM drafts WHERE id NOT IN (SELECT draft_id FROM outbox)") ==
          "0");
  }
}

TEST_CASE("threads that save, find and replace at once all get what is right") {
  const Folder folder;
  SqliteDraftRepository repository{{folder.database}};
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (std::int64_t thread = 1; thread <= 8; ++thread) {
    threads.emplace_back([&, thread] {
      for (std::int64_t round = 0; round != 20; ++round) {
        NewEventDraft draft = sample_new_draft(thread * 1000 + round);
        const auto first = repository.save(draft, in_good_time());
        const auto shared = repository.save(sample_new_draft(round + 1), in_good_time());
        if (!first || !shared || !first.assume_value().inserted) {
          ++wrong;
          continue;
        }
        draft.replaces = first.assume_value().draft.id;
        const auto second = repository.save(draft, in_good_time());
        const auto old = repository.find(first.assume_value().draft.id, in_good_time());
        if (!second || !second.assume_value().inserted || !old || old.assume_value() != first.assume_value().draft)
          ++wrong;
        if (!repository.ready(in_good_time())) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(Shell{folder.database}.ask("SELECT count(*) FROM drafts") == std::to_string(8 * 20 * 2 + 20));
}

}  // namespace
