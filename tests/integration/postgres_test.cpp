#include <doctest/doctest.h>

#include <chrono>
#include <event_draft/testing/contracts/law.hpp>
#include <string>
#include <thread>
#include <vector>

#include "postgres_fixture.hpp"
#include "standstills.hpp"

// PostgreSQL: what its contract can't know. Bad rows, conflicts, limits of the server, what goes through a pooler.
namespace {

using namespace event_draft;
using namespace event_draft::testing;
using std::chrono::milliseconds;

bool told(Causes& causes, std::string_view text) {
  const auto all = causes.take();
  return all.size() == 1 && all[0].find(text) != std::string::npos;
}

TEST_CASE("a corrupt row is told as such, and the others go on") {
  Database all;
  const EventDraft good = saved(all.repository, 1);
  const EventDraft bad = saved(all.repository, 2);
  all.shell.run(no_checks);
  for (const char* const change :
       {"objective = '무료 나눔'", "status = 'DONE'", "store_name = ''", "industry = E'a\\nb'", "user_id = -2",
        "created_at = 'infinity'", "created_at = '0002-01-01 BC'"}) {
    CAPTURE(change);
    all.shell.run("CREATE TEMP TABLE kept AS SELECT * FROM drafts WHERE id = 2");
    all.shell.run(std::string{"UPDATE drafts SET "} + change + " WHERE id = 2");
    CHECK(error_of(all.repository.find(bad.id, in_good_time())) == Error{Errc::corrupt_draft});
    CHECK(told(all.causes, "draft-2 breaks the domain's rules"));
    CHECK(error_of(all.repository.approve({bad.id, bad.user_id, bad.created_at}, in_good_time())) ==
          Error{Errc::corrupt_draft});
    CHECK(told(all.causes, "draft-2 breaks the domain's rules"));
    CHECK(all.repository.find(good.id, in_good_time()).value() == good);
    all.shell.run("DELETE FROM drafts WHERE id = 2; INSERT INTO drafts SELECT * FROM kept; DROP TABLE kept");
  }
  CHECK(all.repository.find(bad.id, in_good_time()).value() == bad);
}

TEST_CASE("a claim on a draft that is corrupt, missing or another user's holds nothing") {
  for (const char* const change : {"UPDATE drafts SET status = 'DONE' WHERE id = 1", "DELETE FROM drafts WHERE id = 1",
                                   "UPDATE drafts SET user_id = 7 WHERE id = 1"}) {
    CAPTURE(change);
    Database all;
    saved(all.repository, 123);
    all.shell.run(no_checks);
    all.shell.run(change);
    const auto outcomes =
        contracts::at_once(8, [&](std::size_t) { return all.repository.save(sample_new_draft(123), in_good_time()); });
    std::size_t inserted = 0;
    for (const auto& outcome : outcomes) inserted += outcome->value().inserted ? 1U : 0U;
    CHECK(inserted == 1);
    for (const std::string& cause : all.causes.take())
      CHECK(cause == "user 123's draft in progress is corrupt; its claim is void");
  }
}

TEST_CASE("who is beaten by a save of the same moment gets its draft, and stores nothing") {
  Database all;
  NewEventDraft mine = sample_new_draft(123);
  std::string theirs =
      "INSERT INTO drafts (user_id, objective, store_name, industry, address, status, created_at) "
      "SELECT 123, '매출 증대', 'theirs', 'b', 'c', 'DRAFT', now(); ";
  SUBCASE("for a free window") {
    theirs += "INSERT INTO in_progress_drafts VALUES (123, currval('drafts_id_seq'), now() + interval '1 hour')";
  }
  SUBCASE("for the window of the draft that both replace") {
    mine.replaces = saved(all.repository, 123).id;
    theirs += "UPDATE in_progress_drafts SET draft_id = currval('drafts_id_seq')";
  }
  const auto result = while_open(all.shell, theirs, [&] { return all.repository.save(mine, in_good_time()); }).value();
  CHECK_FALSE(result.inserted);
  CHECK(result.draft.store.name() == "theirs");
  CHECK(all.shell.ask("SELECT count(*) FROM drafts WHERE store_name <> 'theirs'") == (mine.replaces ? "1" : "0"));
}

TEST_CASE("the schema keeps out what the domain does not know") {
  Database all;
  saved(all.repository);
  all.shell.run("DELETE FROM outbox");
  const auto draft = [](const std::string& values) {
    return "INSERT INTO drafts (user_id, objective, store_name, industry, address, status, created_at, approved_at) "
           "VALUES (" +
           values + ")";
  };
  CHECK(all.shell.can(draft("1, '매출 증대', 'a', 'b', 'c', 'DRAFT', now(), NULL")));
  CHECK(all.shell.can(draft("1, '매출 증대', 'a', 'b', 'c', 'APPROVED', now(), now()")));
  for (const char* const values :
       {"0, '매출 증대', 'a', 'b', 'c', 'DRAFT', now(), NULL", "1, '무료 나눔', 'a', 'b', 'c', 'DRAFT', now(), NULL",
        "1, '매출 증대', '', 'b', 'c', 'DRAFT', now(), NULL",
        "1, '매출 증대', repeat('a', 101), 'b', 'c', 'DRAFT', now(), NULL",
        "1, '매출 증대', 'a', 'b', 'c', 'DONE', now(), NULL",
        "1, '매출 증대', 'a', 'b', 'c', 'DRAFT', 'infinity', NULL",
        "1, '매출 증대', 'a', 'b', 'c', 'DRAFT', now(), now()",
        "1, '매출 증대', 'a', 'b', 'c', 'APPROVED', now(), NULL"}) {
    CAPTURE(values);
    CHECK(all.shell.ask(draft(values)) == "23514");
  }
  const auto event = [](const std::string& values) { return "INSERT INTO outbox VALUES (" + values + ")"; };
  CHECK(all.shell.can(event("1, 'EventCreated', now(), NULL, 0, NULL, 0, NULL, NULL, NULL")));
  all.shell.run("DELETE FROM outbox");
  for (const char* const values : {"1, 'EventDeleted', now(), NULL, 1, now(), 0, NULL, NULL, NULL",
                                   "1, 'EventCreated', now(), 'trace', 1, now(), 0, NULL, NULL, NULL",
                                   "1, 'EventCreated', now(), NULL, -1, now(), 0, NULL, NULL, NULL",
                                   "1, 'EventDraftCreated', now(), NULL, 1, NULL, 0, NULL, NULL, NULL",
                                   "1, 'EventCreated', now(), NULL, 1, now(), 0, now(), now(), 'EVENT_REJECTED'",
                                   "1, 'EventCreated', now(), NULL, 1, now(), 0, NULL, now(), NULL"}) {
    CAPTURE(values);
    CHECK(all.shell.ask(event(values)) == "23514");
  }
  CHECK(all.shell.ask(event("77, 'EventCreated', now(), NULL, 1, now(), 0, NULL, NULL, NULL")) == "23503");
}

/// Raises an error at the next `times` inserts of a draft.
std::string raising(const std::string& state, int times) {
  return "CREATE SEQUENCE raised; CREATE FUNCTION raise_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
         "IF nextval('raised') <= " +
         std::to_string(times) + " THEN RAISE EXCEPTION 'raised' USING ERRCODE = '" + state +
         "', DETAIL = 'of 서울시 강남구'; END IF; RETURN NEW; END $$; "
         "CREATE TRIGGER raise_it BEFORE INSERT ON drafts FOR EACH ROW EXECUTE FUNCTION raise_it()";
}

TEST_CASE("a conflict with another transaction is tried again, but not for ever") {
  for (const char* const state : {"40001", "40P01"}) {
    Database all;
    all.shell.run(raising(state, 2));
    saved(all.repository);
    CHECK(all.shell.ask("SELECT count(*) FROM drafts") == "1");
    CHECK(all.causes.take().size() == 2);
  }
  Database all;
  all.shell.run(raising("40001", 1'000'000));
  CHECK(error_of(all.repository.save(sample_new_draft(), in_good_time())) == Error{Errc::storage_unavailable});
  CHECK(all.shell.ask("SELECT last_value FROM raised") == "5");
}

TEST_CASE("what the server refuses is not applied, and told without the rows") {
  struct Case {
    const char* state;
    Errc code;
  };
  for (const auto& [state, code] : {Case{"53100", Errc::storage_unavailable}, Case{"57014", Errc::deadline_exceeded},
                                    Case{"23505", Errc::internal_error}, Case{"XX000", Errc::storage_unavailable}}) {
    CAPTURE(state);
    Database all;
    all.shell.run(raising(state, 1));
    CHECK(error_of(all.repository.save(sample_new_draft(), in_good_time())) == Error{code});
    CHECK(all.causes.take() == std::vector<std::string>{std::string{"raised (SQLSTATE "} + state + ")"});
    CHECK(all.repository.connections() == 1);  // the connection is still good
    saved(all.repository);
    CHECK(all.repository.connections() == 1);
    CHECK(all.shell.ask("SELECT count(*) FROM in_progress_drafts") == "1");
  }
}

TEST_CASE("a server that became read-only is told, is not ready, and is connected to anew") {
  Database all;
  saved(all.repository, 1);
  const EventDraft draft = saved(all.repository, 2);
  all.shell.run("ALTER ROLE " + all.schema.name() + " SET default_transaction_read_only = on");
  all.schema.end_connections();
  CHECK(error_of(all.repository.save(sample_new_draft(3), in_good_time())) == Error{Errc::storage_unavailable});
  CHECK(told(all.causes, "SQLSTATE 25006; this is a standby, or made read-only"));
  CHECK(all.repository.connections() == 0);
  CHECK(error_of(all.repository.ready(in_good_time())) == Error{Errc::storage_unavailable});
  CHECK(all.repository.find(draft.id, in_good_time()).value() == draft);
  PostgresShell{all.schema.admin_url()}.run("ALTER ROLE " + all.schema.name() + " RESET default_transaction_read_only");
  static_cast<void>(all.repository.save(sample_new_draft(3), in_good_time()));  // on the connection from before
  CHECK(all.repository.ready(in_good_time()));
  saved(all.repository, 4);
}

TEST_CASE("a role whose transactions are not READ COMMITTED is refused in each call, and told how to mend it") {
  Database all;
  all.shell.run("ALTER ROLE " + all.schema.name() + " SET default_transaction_isolation = 'repeatable read'");
  PostgresDraftRepository repository{all.config()};
  CHECK(error_of(repository.save(sample_new_draft(), in_good_time())) == Error{Errc::storage_unavailable});
  CHECK(told(all.causes, "default_transaction_isolation must be 'read committed' for this role"));
  CHECK(all.shell.ask("SELECT count(*) FROM drafts") == "0");
}

TEST_CASE("a save that waits for a lock is stopped by the server before its deadline, and did nothing") {
  Database all;
  saved(all.repository, 1);
  PostgresShell other{all.schema.url()};
  other.run("BEGIN; LOCK TABLE drafts IN EXCLUSIVE MODE");
  // The server's word has some milliseconds for its way. On a machine that stands still just then it comes too late.
  bool was_in_time = false;
  for (int i = 0; i != 3 && !was_in_time; ++i) {
    const Deadline deadline = Deadline::after(milliseconds{300});
    const Error error = error_of(all.repository.save(sample_new_draft(2), deadline));
    was_in_time = !deadline.expired();
    CHECK(error.code == Errc::deadline_exceeded);
    CHECK(deadline.remaining() < milliseconds{150});
    if (was_in_time) CHECK(error == Error{Errc::deadline_exceeded});
  }
  CHECK(was_in_time);
  CHECK(all.repository.connections() == 1);
  other.run("COMMIT");
  saved(all.repository, 2);
  CHECK(all.shell.ask("SELECT count(*) FROM drafts") == "2");
}

TEST_CASE("callers wait for a connection until their deadline, and no longer") {
  Database all;
  auto config = all.config();
  config.connections = 2;
  PostgresDraftRepository repository{config};
  PostgresShell other{all.schema.url()};
  other.run("BEGIN; LOCK TABLE drafts IN ACCESS EXCLUSIVE MODE");
  std::vector<std::thread> holders;
  for (int i = 0; i != 2; ++i) {
    holders.emplace_back([&] { CHECK(repository.find(DraftId::numbered(1), in_good_time())); });
  }
  const auto began = std::chrono::steady_clock::now();
  while (all.shell.ask(
             "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = current_user") !=
         "2") {
    REQUIRE(std::chrono::steady_clock::now() - began < std::chrono::seconds{10});
    std::this_thread::sleep_for(milliseconds{5});
  }
  Standstills standstills;
  const Deadline deadline = Deadline::after(milliseconds{100});
  CHECK(error_of(repository.save(sample_new_draft(), deadline)) == Error{Errc::deadline_exceeded});
  CHECK(deadline.expired());
  CHECK(standstills.without(deadline.at(), std::chrono::steady_clock::now()) < milliseconds{100});
  CHECK(repository.connections() == 2);
  other.run("COMMIT");
  for (auto& holder : holders) holder.join();
}

TEST_CASE("too many connections for the server is a refusal") {
  const PostgresSchema schema;
  Causes causes;
  auto config = schema.config();
  config.on_failure = causes.collector();
  PostgresDraftRepository repository{config};
  PostgresShell{schema.admin_url()}.run("ALTER ROLE " + schema.name() + " CONNECTION LIMIT 0");
  CHECK(error_of(repository.save(sample_new_draft(), in_good_time())) == Error{Errc::storage_unavailable});
  CHECK(told(causes, "too many connections"));
}

TEST_CASE("prepared statements save the same, and are not used up by a failure") {
  Database all;
  auto config = all.config();
  config.prepared_statements = true;
  config.connections = 1;
  PostgresDraftRepository repository{config};
  all.shell.run(raising("XX000", 1));  // in the very batch that prepares
  CHECK_FALSE(repository.save(sample_new_draft(1), in_good_time()));
  for (std::int64_t user = 1; user <= 20; ++user) saved(repository, user);
  CHECK(all.causes.take().size() == 1);
}

std::string through_pgbouncer() {
  PostgresShell{RealServer{"postgres"}.url()}.run("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
  return RealServer{"pgbouncer"}.url();
}

/// More callers than the pooler has connections to the server, so that it gives each to many of them.
std::size_t failures_at_once(PostgresDraftRepository& repository) {
  std::size_t failures = 0;
  for (std::int64_t round = 0; round != 5; ++round) {
    const auto outcomes = contracts::at_once(16, [&](std::size_t thread) -> Result<bool> {
      const auto user = 100 * (round + 1) + static_cast<std::int64_t>(thread);
      BOOST_OUTCOME_TRY(const auto saved, repository.save(sample_new_draft(user), in_good_time()));
      BOOST_OUTCOME_TRY(const auto found, repository.find(saved.draft.id, in_good_time()));
      return saved.inserted && found == saved.draft;
    });
    for (const auto& outcome : outcomes) failures += *outcome && outcome->assume_value() ? 0U : 1U;
  }
  return failures;
}

TEST_CASE("through PgBouncer in transaction mode everything works without prepared statements") {
  PostgresDraftRepository repository{{.url = through_pgbouncer(), .connections = 16}};
  CHECK(failures_at_once(repository) == 0);
}

TEST_CASE("through PgBouncer prepared statements fail, which is told with what to do; nothing wrong is stored") {
  Causes causes;
  PostgresDraftRepository repository{
      {.url = through_pgbouncer(), .connections = 16, .prepared_statements = true, .on_failure = causes.collector()}};
  CHECK(failures_at_once(repository) > 0);
  std::size_t with_advice = 0;
  for (const std::string& cause : causes.take()) {
    with_advice += cause.find("prepared statements can't be used through this pooler") != std::string::npos ? 1U : 0U;
  }
  CHECK(with_advice > 0);
}

TEST_CASE("through PgBouncer a limit of time ends with its transaction") {
  PostgresDraftRepository repository{{.url = through_pgbouncer(), .connections = 4}};
  for (std::int64_t user = 1; user <= 8; ++user) {
    CHECK(repository.save(sample_new_draft(user), Deadline::after(milliseconds{400})));
  }
  PostgresShell same_pool{RealServer{"pgbouncer"}.url()};
  for (int i = 0; i != 8; ++i) CHECK(same_pool.ask("SHOW statement_timeout") == "0");
}

}  // namespace
