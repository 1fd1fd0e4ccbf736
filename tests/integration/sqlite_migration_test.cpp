#include <doctest/doctest.h>
#include <sqlite3.h>

#include <adapters/sqlite/schema.hpp>
#include <cstddef>
#include <span>
#include <string>

#include "sqlite_fixture.hpp"

// Databases of every earlier version are brought forward with all that is in them.
namespace {

using namespace event_draft;
using namespace event_draft::testing;
using sqlite::migrations;
using sqlite::SqliteDraftRepository;

constexpr std::size_t newest = migrations.size();

/// Makes a database as the program of that version left it.
void make_version(const std::filesystem::path& path, std::size_t version) {
  sqlite3* raw = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &raw) == SQLITE_OK);
  const sqlite::Database database{raw};
  sqlite::migrate(raw, std::span{migrations}.first(version));
  sqlite::execute(raw, "PRAGMA journal_mode = WAL");
}

/// In the columns that every version has: draft-1 and draft-2, whose windows are held, draft-4 in no window, and higher
/// ones that were deleted.
constexpr const char* old_data = R"sql(
INSERT INTO drafts (id, user_id, objective, store_name, industry, address, status, created_at) VALUES
  (1, 11, '신규 고객 유치', '맛있는집', '음식점', '서울시 강남구', 'DRAFT', 1795424400123),
  (2, 12, '신규 고객 유치', '맛있는집', '음식점', '서울시 강남구', 'DRAFT', 1795424400123),
  (4, 11, '신규 고객 유치', '맛있는집', '음식점', '서울시 강남구', 'DRAFT', 1795424400123),
  (9, 13, '신규 고객 유치', '맛있는집', '음식점', '서울시 강남구', 'DRAFT', 1795424400123);
DELETE FROM drafts WHERE id = 9;
INSERT INTO in_progress_drafts VALUES (11, 1, 253402300799999), (12, 2, 253402300799999), (13, 4, 1);
)sql";

EventDraft old_draft(std::uint64_t number, std::int64_t user) { return sample_draft(number, user); }

std::string schema_of(const std::filesystem::path& database) {
  return Shell{database}.ask(
      "SELECT group_concat(sql, char(10)) FROM (SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name)");
}

template <class Test>
void from_every_earlier_version(Test test) {
  for (std::size_t version = 1; version != newest; ++version) {
    CAPTURE(version);
    Folder folder;
    make_version(folder.database, version);
    test(folder);
  }
}

TEST_CASE("every earlier version becomes the newest, with its drafts, its windows and its ids") {
  from_every_earlier_version([](Folder& folder) {
    Shell{folder.database}.run(old_data);
    SqliteDraftRepository repository{folder.config()};
    CHECK(found(repository, DraftId::numbered(1)) == old_draft(1, 11));
    CHECK(found(repository, DraftId::numbered(2)) == old_draft(2, 12));
    CHECK(found(repository, DraftId::numbered(4)) == old_draft(4, 11));
    for (const std::uint64_t number : {1U, 2U}) {
      const auto user = static_cast<std::int64_t>(number) + 10;
      CHECK(repository.save(sample_new_draft(user), in_good_time()).value() ==
            SavedDraft{old_draft(number, user), false});
    }
    CHECK(saved(repository, 13).id == DraftId::numbered(10));  // draft-9 was given once
    CHECK(folder.causes.empty());
  });
}

TEST_CASE("old drafts can be approved; their first events are not sent again") {
  from_every_earlier_version([](Folder& folder) {
    Shell{folder.database}.run(old_data);
    SqliteDraftRepository repository{folder.config()};
    CHECK(repository.claim(10, std::chrono::seconds{1}, in_good_time()).value().empty());
    const EventDraft draft = old_draft(1, 11);
    const DraftApproval approval{draft.id, draft.user_id, draft.created_at};
    const auto result = repository.approve(approval, in_good_time()).value();
    REQUIRE(result);
    CHECK(result->draft == approved(draft));
    CHECK(result->lease);  // nothing goes before it
    CHECK(saved(repository, 11).id == DraftId::numbered(10));
  });
}

TEST_CASE("every version ends in the schema of a new database, whole and with its references") {
  const Folder fresh;
  { const SqliteDraftRepository repository{{fresh.database}}; }
  from_every_earlier_version([&](Folder& folder) {
    Shell{folder.database}.run(old_data);
    CHECK(open_error(folder.database).empty());
    CHECK(schema_of(folder.database) == schema_of(fresh.database));
    Shell shell{folder.database};
    CHECK(shell.ask("PRAGMA user_version") == std::to_string(newest));
    CHECK(shell.ask("PRAGMA integrity_check") == "ok");
    CHECK(shell.ask("SELECT group_concat(name || ' ' || seq) FROM sqlite_sequence") == "drafts 9");
    CHECK(shell.ask("SELECT \"table\" || '.' || \"to\" FROM pragma_foreign_key_list('in_progress_drafts')") ==
          "drafts.id");
    shell.run("PRAGMA foreign_keys = ON; INSERT INTO in_progress_drafts VALUES (14, 2, 1)");
    CHECK_FALSE(shell.can("INSERT INTO in_progress_drafts VALUES (15, 3, 1)"));
    CHECK_FALSE(shell.can("INSERT INTO outbox VALUES (3, 'EventDraftCreated', 0, NULL, 1, 0, 0, NULL, NULL, NULL)"));
  });
}

TEST_CASE("an old database without drafts becomes a new one, also when all were deleted") {
  from_every_earlier_version([](Folder& folder) {
    std::uint64_t next = 1;
    SUBCASE("never had any") {}
    SUBCASE("all were deleted") {
      Shell{folder.database}.run(std::string{old_data} + "DELETE FROM in_progress_drafts; DELETE FROM drafts");
      next = 10;
    }
    SqliteDraftRepository repository{folder.config()};
    CHECK(saved(repository).id == DraftId::numbered(next));
  });
}

TEST_CASE("bad rows of an old database keep nothing from being brought forward") {
  from_every_earlier_version([](Folder& folder) {
    Shell{folder.database}.run(std::string{old_data} + R"sql(
UPDATE drafts SET objective = '무료 나눔', status = 'DONE' WHERE id = 1;
UPDATE drafts SET store_name = CAST(X'FF' AS TEXT) WHERE id = 4;
INSERT INTO in_progress_drafts VALUES (16, 7, 253402300799999)
)sql");
    SqliteDraftRepository repository{folder.config()};
    CHECK(error_of(repository.find(DraftId::numbered(1), in_good_time())) == Error{Errc::corrupt_draft});
    CHECK(error_of(repository.find(DraftId::numbered(4), in_good_time())) == Error{Errc::corrupt_draft});
    REQUIRE(folder.causes.size() == 2);
    CHECK(folder.causes[0].find("draft-1 ") != std::string::npos);
    CHECK(folder.causes[1].find("draft-4 ") != std::string::npos);
    CHECK(found(repository, DraftId::numbered(2)) == old_draft(2, 12));
    saved(repository, 11);
    saved(repository, 16);
  });
}

TEST_CASE("a migration that fails leaves the old version as it was") {
  from_every_earlier_version([](Folder& folder) {
    const std::string before = schema_of(folder.database);
    Shell{folder.database}.run(std::string{old_data} + "CREATE TABLE outbox (theirs)");
    CHECK(open_error(folder.database).find("outbox already exists") != std::string::npos);
    Shell shell{folder.database};
    CHECK(shell.ask("PRAGMA user_version") == "1");
    CHECK(shell.ask("SELECT count(*) FROM drafts") == "3");
    shell.run("DROP TABLE outbox");
    CHECK(schema_of(folder.database) == before);
    CHECK(open_error(folder.database).empty());
  });
}

TEST_CASE("a migration that breaks a reference is refused") {
  Folder folder;
  make_version(folder.database, newest);
  Shell{folder.database}.run(old_data);
  std::vector<const char*> steps{migrations.begin(), migrations.end()};
  steps.push_back("DELETE FROM drafts WHERE id = 2");
  sqlite3* raw = nullptr;
  REQUIRE(sqlite3_open(folder.database.c_str(), &raw) == SQLITE_OK);
  const sqlite::Database database{raw};
  CHECK_THROWS_WITH_AS(sqlite::migrate(raw, steps), "a row of in_progress_drafts names one of drafts that is not there",
                       sqlite::OpenError);
}

}  // namespace
