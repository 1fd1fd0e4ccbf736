#include <doctest/doctest.h>
#include <signal.h>

#include <adapters/pool/connection_pool.hpp>
#include <adapters/postgres/statements.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <concepts>
#include <event_draft/testing/contracts/law.hpp>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "async_postgres_fixture.hpp"
#include "fault_proxy.hpp"
#include "standstills.hpp"

// A server that hangs, dies, is shut down, or whose answer is lost: what the blocking repository makes of it, and the awaited one.
namespace {

using namespace event_draft;
using namespace event_draft::testing;
using std::chrono::milliseconds;

std::pair<std::size_t, std::size_t> port_in(const std::string& url) {
  const auto begin = url.rfind(':') + 1;
  return {begin, url.find('/', begin) - begin};
}

TEST_CASE_TEMPLATE("a save whose answer is lost is unknown; the retry gives the one draft that was made", Repository,
                   PostgresDraftRepository, LoopedPostgres) {
  const PostgresSchema schema;
  auto config = schema.config();
  const auto [at, size] = port_in(config.url);
  std::atomic<bool> loses_next_answer = false;
  const FaultProxy proxy{"127.0.0.1", static_cast<std::uint16_t>(std::stoi(config.url.substr(at, size))),
                         [&](const Piece& piece) -> Passage {
                           if (piece.way == FaultProxy::Way::request || !loses_next_answer.exchange(false)) return {};
                           // All of the answer is there, so what it tells of is committed.
                           return {.delay = milliseconds{50}, .most = 0, .cut = true};
                         }};
  config.url.replace(at, size, std::to_string(proxy.port()));
  config.connections = 1;
  Repository repository{config};
  saved(repository, 1);

  loses_next_answer = true;
  CHECK(error_of(repository.save(sample_new_draft(2), in_good_time())) == unknown(Errc::storage_unavailable));
  const auto again = repository.save(sample_new_draft(2), in_good_time()).value();
  CHECK_FALSE(again.inserted);
  CHECK(again.draft == sample_draft(2, 2));
  CHECK(PostgresShell{schema.url()}.ask("SELECT count(*) FROM drafts WHERE user_id = 2") == "1");

  loses_next_answer = true;
  CHECK(error_of(repository.find(again.draft.id, in_good_time())) ==
        Error{Errc::storage_unavailable});  // nothing to apply
}

template <class Call>
Error fails_in_time(milliseconds span, Call call) {
  const Deadline deadline = Deadline::after(span);
  const auto result = call(deadline);
  CHECK(Deadline{deadline.at() + std::chrono::seconds{1}}.remaining().count() > 0);
  return error_of(result);
}

/// No connection in time, or at once after others had none.
bool is_out(const Error& error) {
  return error == Error{Errc::deadline_exceeded} || error == Error{Errc::storage_unavailable};
}

/// As that, for a save. An awaited repository has its connections already, so it may have sent what the blocking one, which
/// would have to connect, has not.
template <class Repository>
bool is_out_or_sent(const Error& error) {
  return is_out(error) || (std::same_as<Repository, LoopedPostgres> && error == unknown(Errc::deadline_exceeded));
}

TEST_CASE_TEMPLATE("while the server hangs every call returns by its deadline, and afterwards all is as before",
                   Repository, PostgresDraftRepository, LoopedPostgres) {
  constexpr bool is_awaited = std::same_as<Repository, LoopedPostgres>;
  const RealServer server{"postgres"};
  const PostgresSchema schema;
  auto config = schema.config();
  config.connections = 3;
  Repository repository{config};
  const EventDraft draft = saved(repository, 1);
  const DraftApproval approval{draft.id, draft.user_id, draft.created_at};
  bool is_perhaps_there = false;  // user 3's
  {
    const Paused paused{server};
    // The first is on a connection from before, the next have to connect.
    CHECK(fails_in_time(milliseconds{200}, [&](Deadline deadline) {
            return repository.save(sample_new_draft(2), deadline);
          }) == unknown(Errc::deadline_exceeded));
    for (int i = 0; i != 2; ++i) {
      const Error error = fails_in_time(
          milliseconds{100}, [&](Deadline deadline) { return repository.save(sample_new_draft(3), deadline); });
      CHECK(is_out_or_sent<Repository>(error));
      is_perhaps_there = is_perhaps_there || error.certainty == Certainty::unknown;
    }
    CHECK(is_out(
        fails_in_time(milliseconds{50}, [&](Deadline deadline) { return repository.find(draft.id, deadline); })));
    CHECK(is_out(
        fails_in_time(milliseconds{50}, [&](Deadline deadline) { return repository.approve(approval, deadline); })));
    if constexpr (!is_awaited) {  // whose relay has the blocking one
      CHECK(is_out(fails_in_time(milliseconds{50},
                                 [&](Deadline deadline) { return repository.claim(10, milliseconds{1}, deadline); })));
    }
    CHECK(is_out(fails_in_time(milliseconds{50}, [&](Deadline deadline) { return repository.ready(deadline); })));
    const auto outcomes = contracts::at_once(20, [&](std::size_t i) {
      return repository.save(sample_new_draft(static_cast<std::int64_t>(100 + i)), Deadline::after(milliseconds{200}));
    });
    for (const auto& outcome : outcomes) CHECK(is_out_or_sent<Repository>(error_of(*outcome)));
    if constexpr (is_awaited) {  // it connects in the background, and fails at once when that has failed
      const Deadline patience = in_good_time();
      while (error_of(repository.ready(Deadline::after(milliseconds{100}))) != Errc::storage_unavailable)
        REQUIRE_FALSE(patience.expired());
      const auto failed = std::chrono::steady_clock::now();
      for (int i = 0; i != 5; ++i)
        CHECK(error_of(repository.save(sample_new_draft(4), in_good_time())) == Error{Errc::storage_unavailable});
      CHECK(std::chrono::steady_clock::now() - failed < std::chrono::seconds{1});
    } else {
      CHECK(std::ranges::any_of(outcomes,
                                [](const auto& outcome) { return error_of(*outcome) == Errc::storage_unavailable; }));
    }
    CHECK(repository.connections() <= 3);
  }
  const auto resumed = std::chrono::steady_clock::now();
  while (!repository.ready(in_good_time()))
    REQUIRE(std::chrono::steady_clock::now() - resumed < std::chrono::seconds{2});
  CHECK(repository.find(draft.id, in_good_time()).value() == draft);
  const auto third = repository.save(sample_new_draft(3), in_good_time());
  REQUIRE(third);
  CHECK((third.assume_value().inserted || is_perhaps_there));
  CHECK(repository.save(sample_new_draft(2), in_good_time()));
  CHECK(PostgresShell{schema.url()}.ask(
            "SELECT max(n) FROM (SELECT count(*) AS n FROM drafts GROUP BY user_id) each") == "1");
}

// The awaited one's is in async_postgres_test.cpp.
TEST_CASE("a server that is killed under load is used again within two seconds, with one draft a user") {
  RealServer server{"postgres"};
  const PostgresSchema schema;
  auto config = schema.config();
  config.connections = 4;
  PostgresDraftRepository repository{config};
  saved(repository, 1);
  std::atomic<bool> ends = false;
  std::atomic<std::int64_t> next_user = 1000;
  std::atomic<std::size_t> most_connections = 0;
  std::atomic<std::size_t> acknowledged = 0;
  std::atomic<std::size_t> late = 0;
  Standstills standstills;
  std::vector<std::thread> callers;
  for (int i = 0; i != 16; ++i) {
    callers.emplace_back([&] {
      while (!ends) {
        const NewEventDraft draft = sample_new_draft(++next_user);
        for (bool is_saved = false; !is_saved && !ends;) {  // tries again until it knows
          const Deadline deadline = Deadline::after(milliseconds{300});
          is_saved = repository.save(draft, deadline).has_value();
          if (standstills.without(deadline.at(), std::chrono::steady_clock::now()) > milliseconds{200}) ++late;
          if (is_saved) ++acknowledged;
          if (!is_saved) std::this_thread::sleep_for(milliseconds{5});
          std::size_t seen = most_connections;
          const std::size_t now = repository.connections();
          while (now > seen && !most_connections.compare_exchange_weak(seen, now)) {
          }
        }
      }
    });
  }
  for (int round = 0; round != 2; ++round) {
    std::this_thread::sleep_for(milliseconds{300});
    server.kill();
    wait_until_up(server);
    const std::size_t before = acknowledged;
    const auto since = std::chrono::steady_clock::now();
    while (acknowledged == before && std::chrono::steady_clock::now() - since < std::chrono::seconds{5}) {
      std::this_thread::sleep_for(milliseconds{5});
    }
    const auto took = std::chrono::steady_clock::now() - since;
    MESSAGE("used again after ", std::chrono::duration_cast<milliseconds>(took).count(), " ms");
    CHECK(took < std::chrono::seconds{2});
  }
  std::this_thread::sleep_for(milliseconds{200});
  ends = true;
  for (auto& caller : callers) caller.join();
  CHECK(late == 0);
  CHECK(most_connections <= 4);
  PostgresShell shell{schema.url()};
  CHECK(shell.ask("SELECT max(n) FROM (SELECT count(*) AS n FROM drafts GROUP BY user_id) each") == "1");
  CHECK(std::stoul(shell.ask("SELECT count(*) FROM drafts")) >= acknowledged);
  CHECK(shell.ask("SELECT count(*) FROM drafts d LEFT JOIN outbox o ON o.draft_id = d.id WHERE o.draft_id IS NULL") ==
        "0");
}

TEST_CASE_TEMPLATE("connections that an administrator ends while they are idle harm no call", Repository,
                   PostgresDraftRepository, LoopedPostgres) {
  const PostgresSchema schema;
  Causes causes;
  auto config = schema.config();
  config.on_failure = causes.collector();
  Repository repository{config};
  for (std::int64_t user = 1; user <= 3; ++user) {
    saved(repository, user);
    schema.end_connections();
  }
  CHECK(repository.ready(in_good_time()));
  CHECK(causes.take().empty());
}

/// A save of user 2 that is under way for as long as the server lets it be. It waits for no lock: that an awaited repository does
/// for a moment at a time, and in between the server is not at work on it.
template <class Repository>
class LongSave {
 public:
  LongSave(Repository& repository, const std::string& url) {
    PostgresShell shell{url};
    shell.run(R"sql(
        CREATE FUNCTION sleep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(25); RETURN NEW; END $$;
        CREATE TRIGGER sleeps BEFORE INSERT ON drafts FOR EACH ROW WHEN (NEW.user_id = 2) EXECUTE FUNCTION sleep())sql");
    caller_ = std::thread{[&] { result_ = repository.save(sample_new_draft(2), in_good_time()); }};
    const Deadline patience = in_good_time();
    do {
      std::this_thread::sleep_for(milliseconds{5});
      process_ = shell.ask("SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
    } while (process_.empty() && !patience.expired());
  }
  LongSave(const LongSave&) = delete;
  LongSave& operator=(const LongSave&) = delete;
  ~LongSave() {
    if (caller_.joinable()) caller_.join();
  }

  /// The server's process.
  [[nodiscard]] pid_t process() const { return static_cast<pid_t>(std::stoi(process_)); }

  Result<SavedDraft> result() {
    caller_.join();
    return *result_;
  }

  /// Those that come take no longer than others.
  static void end(const std::string& url) { PostgresShell{url}.run("DROP FUNCTION sleep CASCADE"); }

 private:
  std::string process_;
  std::optional<Result<SavedDraft>> result_;
  std::thread caller_;
};

TEST_CASE_TEMPLATE("a connection that an administrator ends while it works was refused, and is replaced", Repository,
                   PostgresDraftRepository, LoopedPostgres) {
  const PostgresSchema schema;
  Causes causes;
  auto config = schema.config();
  config.on_failure = causes.collector();
  Repository repository{config};
  LongSave save{repository, schema.url()};
  schema.end_connections();
  CHECK(error_of(save.result()) == Error{Errc::storage_unavailable});
  if constexpr (std::same_as<Repository, PostgresDraftRepository>)  // an awaited one's come back by themselves
    CHECK(repository.connections() == 0);
  const auto told = causes.take();
  REQUIRE(told.size() == 1);
  CHECK(told[0].find("57P01") != std::string::npos);
  save.end(schema.url());
  saved(repository, 2);
}

TEST_CASE_TEMPLATE("what a process of the server was doing when it crashed is unknown, behind a pooler too", Repository,
                   PostgresDraftRepository, LoopedPostgres) {
  const RealServer server{"postgres"};
  for (const char* const way : {"postgres", "pgbouncer"}) {
    CAPTURE(way);
    const std::string url = RealServer{way}.url();
    PostgresShell{server.url()}.run("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    Repository repository{postgres::Config{.url = url}};
    saved(repository, 1);
    LongSave save{repository, server.url()};
    crash(server, save.process());
    CHECK(error_of(save.result()) == unknown(Errc::storage_unavailable));
    save.end(server.url());
    std::optional<SavedDraft> again;
    for (int tries = 0; tries != 200 && !again; ++tries) {  // the pooler takes its time
      if (const auto tried = repository.save(sample_new_draft(2), in_good_time())) again = tried.assume_value();
      std::this_thread::sleep_for(milliseconds{10});
    }
    CHECK(again);
    CHECK(PostgresShell{server.url()}.ask("SELECT count(*) FROM drafts WHERE user_id = 2") == "1");
  }
}

Result<postgres::Connection> open(const PostgresSchema& schema) {
  static const postgres::Report nobody = [](std::string_view) {};
  return postgres::Connection::open(schema.url(), false, in_good_time(), nobody);
}

TEST_CASE("a connection in a transaction, aborted or not, or with a result to come, never returns to the pool") {
  const PostgresSchema schema;
  adapters::ConnectionPool<postgres::Connection> pool{4, Errc::storage_unavailable,
                                                      [&](Deadline) { return open(schema); }};
  const postgres::Parameters none;
  for (const char* const sql : {"BEGIN", "BEGIN; SELECT 1/0"}) {
    CAPTURE(sql);
    auto loan = pool.borrow(in_good_time());
    REQUIRE(loan.has_value());
    static_cast<void>(loan.assume_value()->execute(sql, in_good_time()));
    CHECK(pool.size().all == 1);
    { const auto ends = std::move(loan); }
    CHECK(pool.size().all == 0);
  }
  {
    auto loan = pool.borrow(in_good_time());
    REQUIRE(loan.has_value());
    PGconn* const raw = loan.assume_value()->get();
    REQUIRE(PQsendQueryParams(raw, "SELECT 1", 0, nullptr, nullptr, nullptr, nullptr, 1) == 1);
  }
  CHECK(pool.size().all == 0);
  {
    auto loan = pool.borrow(in_good_time());
    REQUIRE(loan.has_value());
    CHECK(loan.assume_value()->execute("SELECT 1", in_good_time()).has_value());
  }
  CHECK(pool.size().all == 1);
}

}  // namespace
