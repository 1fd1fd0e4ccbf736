#include <doctest/doctest.h>

#include <adapters/postgres/schema.hpp>
#include <array>
#include <cstddef>
#include <event_draft/testing/contracts/law.hpp>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "postgres_fixture.hpp"

// Databases of every earlier version are brought forward, once, by whoever comes first.
namespace {

using namespace event_draft;
using namespace event_draft::testing;
using postgres::Connection;
using postgres::migrations;

Connection connection(const PostgresSchema& schema, const postgres::Report& report = nobody) {
  auto opened = Connection::open(schema.url(), false, in_good_time(), report);
  REQUIRE(opened.has_value());
  return std::move(opened).assume_value();
}

std::string version_of(const PostgresSchema& schema) {
  return PostgresShell{schema.url()}.ask("SELECT max(version) FROM event_draft_schema");
}

/// The real steps and two later ones, so that there are versions in between.
std::vector<const char*> longer_way() {
  std::vector<const char*> steps{migrations.begin(), migrations.end()};
  steps.push_back("ALTER TABLE drafts ADD COLUMN note text; CREATE TABLE later (seen integer)");
  steps.push_back("INSERT INTO later VALUES (1); ALTER TABLE drafts DROP COLUMN note");
  return steps;
}

TEST_CASE("every earlier version becomes the newest, each step once") {
  const auto steps = longer_way();
  for (std::size_t version = 0; version <= steps.size(); ++version) {
    CAPTURE(version);
    const PostgresSchema schema;
    auto own = connection(schema);
    if (version > 0) postgres::migrate(own, in_good_time(), std::span{steps}.first(version));
    postgres::migrate(own, in_good_time(), steps);
    postgres::migrate(own, in_good_time(), steps);
    CHECK(version_of(schema) == std::to_string(steps.size()));
    CHECK(PostgresShell{schema.url()}.ask("SELECT sum(seen) FROM later") == "1");
  }
}

TEST_CASE("many that start at once make one schema") {
  const PostgresSchema schema;
  const auto outcomes = contracts::at_once(8, [&](std::size_t) -> Result<bool> {
    PostgresDraftRepository repository{schema.config()};
    return repository.ready(in_good_time()).has_value();
  });
  for (const auto& outcome : outcomes) CHECK(*outcome);
  CHECK(PostgresShell{schema.url()}.ask("SELECT count(*) FROM event_draft_schema") ==
        std::to_string(migrations.size()));
}

TEST_CASE("a newer schema is refused and left alone") {
  const PostgresSchema schema;
  { const PostgresDraftRepository repository{schema.config()}; }
  PostgresShell{schema.url()}.run("INSERT INTO event_draft_schema VALUES (99)");
  CHECK(open_error(schema.config()).find("its schema is of version 99, this program knows up to 1") !=
        std::string::npos);
  CHECK(version_of(schema) == "99");
}

TEST_CASE("a step that fails leaves everything as it was, and says why") {
  const PostgresSchema schema;
  PostgresShell shell{schema.url()};
  shell.run("CREATE TABLE outbox (of_another_program integer)");
  const std::string error = open_error(schema.config());
  CHECK(error.find("relation \"outbox\" already exists (SQLSTATE 42P07)") != std::string::npos);
  CHECK(shell.ask("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema") == "1");
}

TEST_CASE("who waits for another's migration waits until its own deadline") {
  const PostgresSchema schema;
  PostgresShell shell{schema.admin_url()};
  shell.run("BEGIN; SELECT pg_advisory_xact_lock(1165378674)");
  auto config = schema.config();
  config.open_patience = std::chrono::milliseconds{300};
  const auto began = std::chrono::steady_clock::now();
  CHECK_FALSE(open_error(config).empty());
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::milliseconds{1000});
  shell.run("COMMIT");
  CHECK(open_error(config).empty());
}

TEST_CASE("a database that is not in UTF-8 is refused") {
  PostgresShell{RealServer{"postgres"}.url()}.run(
      "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
  std::string url = RealServer{"postgres"}.url();
  url.replace(url.rfind('/') + 1, std::string::npos, "latin");
  CHECK(open_error({.url = url}).find("its encoding is LATIN1, not UTF8") != std::string::npos);
}

TEST_CASE("what can't be connected to is refused with a reason and without the password") {
  std::string url = RealServer{"postgres"}.url();
  url.replace(url.find("postgres@"), 9, "nobody:hunter2@");
  const std::string refused = open_error({.url = url});
  CHECK(refused.find("postgresql://nobody@127.0.0.1:") != std::string::npos);
  CHECK(refused.find("role \"nobody\" does not exist") != std::string::npos);
  CHECK(refused.find("hunter2") == std::string::npos);
  CHECK(open_error({.url = "postgresql://u:hunter2@127.0.0.1:1/x"}).find("refused") != std::string::npos);
  for (const std::string bad :
       {"postgresql://u:hunter2 @[::/x", "password=hunter2 hunter2", "postgresql://u:a/hunter2@127.0.0.1/x",
        "postgresql://u:1@hunter2@127.0.0.1/x", "postgresql://u:1/hunter2@127.0.0.1/x"}) {
    CAPTURE(bad);
    CHECK(open_error({.url = bad}) ==
          "can't use the database (unreadable connection string): the connection string can't be read; what is special "
          "in a URL must be percent-encoded");
  }
}

/// The SQL blocks of a page, in their order.
std::vector<std::string> sql_blocks(const std::string& file) {
  std::ifstream stream{file};
  const std::string page{std::istreambuf_iterator<char>{stream}, {}};
  const std::string fence = "```sql\n";
  std::vector<std::string> blocks;
  for (auto at = page.find(fence); at != std::string::npos; at = page.find(fence, at)) {
    at += fence.size();
    blocks.push_back(page.substr(at, page.find("```", at) - at));
  }
  return blocks;
}

TEST_CASE("with the roles of docs/postgres.md the application can do its work, and nothing else") {
  const RealServer server{"postgres"};
  PostgresShell admin{server.url()};
  admin.run("CREATE DATABASE least_privilege");
  const auto url_of = [&](const std::string& user) {
    std::string url = server.url();
    url.replace(url.find("postgres@"), 8, user);
    return url.replace(url.rfind('/') + 1, std::string::npos, "least_privilege");
  };
  const auto blocks = sql_blocks(EVENT_DRAFT_DOCS "/postgres.md");
  REQUIRE(blocks.size() == 2);
  PostgresShell{url_of("postgres")}.run(blocks[0]);

  CHECK(open_error({.url = url_of("event_draft_app")}).find("SQLSTATE 3F000") != std::string::npos);
  { const PostgresDraftRepository owner{{.url = url_of("event_draft_owner")}}; }
  PostgresShell{url_of("event_draft_owner")}.run(blocks[1]);
  Causes causes;
  PostgresDraftRepository repository{{.url = url_of("event_draft_app"), .on_failure = causes.collector()}};
  CHECK(repository.ready(in_good_time()));
  const EventDraft draft = saved(repository);
  CHECK(repository.find(draft.id, in_good_time()).value() == draft);
  CHECK(repository.approve({draft.id, draft.user_id, draft.created_at}, in_good_time()).value());
  NewEventDraft due = sample_new_draft(7);
  due.event_lease = {};
  CHECK(repository.save(due, in_good_time()));
  const auto events = repository.claim(10, std::chrono::hours{1}, in_good_time()).value();
  REQUIRE(events.size() == 1);
  CHECK(repository.settle(std::array{Settlement::parked(events[0].lease(), Errc::event_rejected)}, in_good_time()));
  CHECK(repository.parked(std::nullopt, 10, in_good_time()).value().size() == 1);
  CHECK(repository.replay(events[0].event.id, in_good_time()).value());
  const auto again = repository.claim(10, std::chrono::hours{1}, in_good_time()).value();
  REQUIRE(again.size() == 1);
  CHECK(repository.settle(std::array{Settlement::parked(again[0].lease(), Errc::event_rejected)}, in_good_time()));
  CHECK(repository.discard(events[0].event.id, in_good_time()).value());
  CHECK(repository.stats(in_good_time()));
  CHECK(repository.remove_published({}, 10, in_good_time()));
  CHECK(causes.take().empty());

  PostgresShell app{url_of("event_draft_app")};
  for (const char* const sql :
       {"DROP TABLE outbox", "DELETE FROM drafts", "TRUNCATE outbox", "CREATE TABLE event_draft.x ()",
        "CREATE TABLE public.x ()", "INSERT INTO event_draft_schema VALUES (2)", "UPDATE drafts SET store_name = 'x'",
        "ALTER TABLE drafts ADD COLUMN x text"}) {
    CAPTURE(sql);
    CHECK(app.ask(sql) == "42501");
  }
}

}  // namespace
