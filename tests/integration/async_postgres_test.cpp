#include <doctest/doctest.h>
#include <sys/socket.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>

#include <adapters/postgres/save_batch.hpp>

#include "async_postgres_fixture.hpp"

using namespace event_draft;
using namespace event_draft::testing;
using namespace std::chrono_literals;

// What the repository does that gathers the calls of one event loop. Here the test runs the loop itself, so that it says what
// waits at the same time.
namespace {

using postgres::AsyncPostgresDraftRepository;

Task<Result<SavedDraft>> awaited(adapters::Future<SavedDraft> future) { co_return co_await std::move(future); }

class OneLoop {
 public:
  explicit OneLoop(const PostgresSchema& schema, std::size_t connections = 1)
      : blocking_{with(schema.config(), 2)}, repository_{loop_, with(schema.config(), connections), blocking_} {
    turn_until([&] { return repository_.connections() == connections; });
  }

  AsyncPostgresDraftRepository& operator*() noexcept { return repository_; }

  /// Asks for them all before the loop turns, and turns it until each has its answer.
  std::vector<Result<SavedDraft>> save_together(const std::vector<NewEventDraft>& drafts, Deadline deadline) {
    std::deque<Task<Result<SavedDraft>>> tasks;
    for (const NewEventDraft& draft : drafts) tasks.push_back(awaited(repository_.save(draft, deadline)));
    for (auto& task : tasks) task.start();
    for (auto& task : tasks) turn_until([&] { return task.is_done(); });
    std::vector<Result<SavedDraft>> answers;
    for (auto& task : tasks) answers.push_back(task.get());
    return answers;
  }

  template <class T>
  T run(Task<T> task) {
    task.start();
    turn_until([&] { return task.is_done(); });
    return task.get();
  }

  template <class Condition>
  void turn_until(Condition condition) {
    const Deadline patience = in_good_time();
    while (!condition()) {
      REQUIRE_FALSE(patience.expired());
      if (context_.stopped()) context_.restart();
      context_.run_one_for(10ms);
    }
  }

 private:
  static postgres::Config with(postgres::Config config, std::size_t connections) {
    config.connections = connections;
    return config;
  }

  boost::asio::io_context context_;
  adapters::Loop loop_{context_};
  PostgresDraftRepository blocking_;
  AsyncPostgresDraftRepository repository_;
};

std::vector<NewEventDraft> of_users(std::int64_t first, std::int64_t count) {
  std::vector<NewEventDraft> drafts;
  for (std::int64_t user = first; user != first + count; ++user) drafts.push_back(sample_new_draft(user));
  return drafts;
}

NewEventDraft of_store(std::int64_t user, std::string_view name) {
  NewEventDraft draft = sample_new_draft(user);
  draft.store = StoreInfo::make(name, "음식점", "서울시 강남구").value();
  return draft;
}

}  // namespace

TEST_CASE("saves that wait at the same time go in one transaction, and each has its own answer") {
  const PostgresSchema schema;
  OneLoop loop{schema};
  std::vector<NewEventDraft> drafts;
  for (std::int64_t user = 1; user <= 100; ++user) {
    drafts.push_back(of_store(user, "가게 " + std::to_string(user) + R"( "\,{}' NULL)"));
    if (user % 2 == 0)
      drafts.back().trace = TraceParent::parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  }
  const auto before = (*loop).transactions();
  const auto answers = loop.save_together(drafts, in_good_time());
  CHECK((*loop).transactions() - before == 1);
  std::set<std::string> ids;
  for (std::size_t i = 0; i != drafts.size(); ++i) {
    REQUIRE(answers[i]);
    const auto& [draft, inserted, lease] = answers[i].value();
    CHECK(inserted);
    REQUIRE(lease);
    CHECK(draft == with_id(drafts[i], draft.id));
    CHECK(ids.insert(std::string{draft.id.view()}).second);
    CHECK(loop.run((*loop).find(draft.id, in_good_time())).value() == draft);
  }
  PostgresShell shell{schema.url()};
  CHECK(shell.ask("SELECT count(*) FROM outbox WHERE attempts = 1 AND lease <> 0") == "100");
  CHECK(shell.ask("SELECT count(*) FROM outbox WHERE trace IS NOT NULL") == "50");
  CHECK(shell.ask("SELECT count(DISTINCT lease) FROM outbox") == "100");
}

TEST_CASE(
    "two saves of one user at the same time: one draft, which both get; other users' holders come back by themselves") {
  const PostgresSchema schema;
  OneLoop loop{schema};
  const auto earlier = loop.save_together(of_users(1, 3), in_good_time());
  std::vector<NewEventDraft> drafts{of_store(9, "하나"), of_store(2, "둘"), of_store(9, "셋"), of_store(10, "넷")};
  const auto answers = loop.save_together(drafts, in_good_time());
  REQUIRE(answers[0]);
  CHECK(answers[0].value().inserted);
  REQUIRE(answers[1]);
  CHECK_FALSE(answers[1].value().inserted);
  CHECK(answers[1].value().draft == earlier[1].value().draft);
  REQUIRE(answers[2]);
  CHECK_FALSE(answers[2].value().inserted);
  CHECK(answers[2].value().draft == answers[0].value().draft);
  CHECK(answers[3].value().inserted);
}

TEST_CASE("a save that the database refuses does not fail those that went with it") {
  const PostgresSchema schema;
  OneLoop loop{schema};
  PostgresShell{schema.url()}.run("ALTER TABLE drafts ADD CHECK (store_name <> 'poison')");
  auto drafts = of_users(1, 20);
  drafts[7] = of_store(8, "poison");
  const auto answers = loop.save_together(drafts, in_good_time());
  for (std::size_t i = 0; i != drafts.size(); ++i) {
    CAPTURE(i);
    if (i == 7) {
      CHECK(error_of(answers[i]) == Error{Errc::internal_error});
    } else {
      REQUIRE(answers[i]);
      CHECK(answers[i].value().inserted);
    }
  }
}

/// Another transaction that has user 3's claim for as long as this lives.
class HeldClaim {
 public:
  explicit HeldClaim(const PostgresSchema& schema) : shell_{schema.url()} {
    shell_.run(no_checks);
    shell_.run("INSERT INTO in_progress_drafts VALUES (3, 1, now() - interval '1 hour')");
    shell_.run("BEGIN; UPDATE in_progress_drafts SET until = until WHERE user_id = 3");
  }
  HeldClaim(const HeldClaim&) = delete;
  HeldClaim& operator=(const HeldClaim&) = delete;
  ~HeldClaim() { shell_.run("ROLLBACK"); }

 private:
  PostgresShell shell_;
};

TEST_CASE("a claim that another transaction holds on to holds up its own user alone, who waits much longer") {
  for (const std::int64_t users : {6, 100}) {
    CAPTURE(users);
    const PostgresSchema schema;
    OneLoop loop{schema, 2};
    const HeldClaim held{schema};
    std::deque<Task<Result<SavedDraft>>> tasks;
    for (const NewEventDraft& draft : of_users(1, users)) {
      const auto patience = draft.user_id.value() == 3 ? 20s : 2s;
      tasks.push_back(awaited((*loop).save(draft, Deadline::after(patience))));
      tasks.back().start();
    }
    for (std::size_t i = 0; i != tasks.size(); ++i) {
      CAPTURE(i);
      if (i == 2) continue;
      loop.turn_until([&] { return tasks[i].is_done(); });
      CHECK(tasks[i].get().has_value());
    }
    CHECK_FALSE(tasks[2].is_done());
    tasks.clear();
  }
}

TEST_CASE("nothing waits behind an approval that waits for a lock") {
  for (const std::size_t connections : {1U, 2U}) {
    CAPTURE(connections);
    const PostgresSchema schema;
    OneLoop loop{schema, connections};
    const auto saved = loop.save_together(of_users(1, 1), in_good_time());
    const EventDraft draft = saved[0].value().draft;
    PostgresShell shell{schema.url()};
    shell.run("BEGIN; SELECT FROM drafts FOR UPDATE");
    auto approval = (*loop).approve({draft.id, draft.user_id, draft.created_at}, Deadline::after(20s));
    approval.start();
    std::deque<Task<Result<std::optional<EventDraft>>>> finds;
    for (int i = 0; i != 40; ++i) {
      finds.push_back((*loop).find(draft.id, Deadline::after(2s)));
      finds.back().start();
    }
    auto other = awaited((*loop).save(sample_new_draft(2), Deadline::after(2s)));
    other.start();
    for (auto& find : finds) {
      loop.turn_until([&] { return find.is_done(); });
      CHECK(find.get().has_value());
    }
    for (int i = 0; i != 5; ++i) CHECK(loop.run((*loop).find(draft.id, Deadline::after(2s))).has_value());
    loop.turn_until([&] { return other.is_done(); });
    CHECK(other.get().has_value());
    CHECK_FALSE(approval.is_done());
    shell.run("COMMIT");
    loop.turn_until([&] { return approval.is_done(); });
    CHECK(approval.get().value().value().approved_now);
  }
}

TEST_CASE("a transaction whose answer is lost is unknown and no conflict, whatever went before it on the connection") {
  using namespace event_draft::postgres;
  static constexpr Statement conflicts = "DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$";
  static constexpr Statement sleeps = "SELECT pg_sleep(20)";
  const PostgresSchema schema;
  const Report report = [](std::string_view) {};
  auto connection = Connection::open(schema.url(), false, in_good_time(), report).value();
  const Parameters none{};
  REQUIRE(connection.send(std::array{Query{conflicts, none}}, in_good_time()));
  REQUIRE(connection.send(std::array{Query{sleeps, none}}, in_good_time()));
  const auto next_error = [&] {
    for (;;) {
      if (const auto answer = connection.answer()) return answer->error();
      if (const auto received = connection.receive(); !received) return received.error();
      std::this_thread::sleep_for(5ms);
    }
  };
  CHECK(next_error() == Error{Errc::storage_unavailable});
  CHECK(connection.met_conflict());
  REQUIRE(::shutdown(connection.socket(), SHUT_RDWR) == 0);
  CHECK(next_error().certainty == Certainty::unknown);
  CHECK_FALSE(connection.met_conflict());
}

TEST_CASE("saves that go back to the queue keep their order, before those that came later") {
  boost::asio::io_context context;
  adapters::Loop loop{context};
  postgres::SaveQueue queue{[](std::string_view) {}};
  const auto push = [&](std::int64_t user) {
    queue.push({sample_new_draft(user), in_good_time(), adapters::Promise<SavedDraft>{loop, in_good_time()}});
  };
  for (std::int64_t user = 1; user <= 3; ++user) push(user);
  auto taken = queue.take_together();
  push(4);
  queue.put_back(std::move(taken));
  std::vector<std::int64_t> users;
  for (const auto& call : queue.take_together()) users.push_back(call.draft.user_id.value());
  CHECK(users == std::vector<std::int64_t>{1, 2, 3, 4});
}

TEST_CASE("a claim whose draft is missing holds nothing, among others too") {
  const PostgresSchema schema;
  OneLoop loop{schema};
  PostgresShell shell{schema.url()};
  shell.run(no_checks);
  shell.run("INSERT INTO in_progress_drafts VALUES (2, 77, now() + interval '1 hour')");
  for (const auto& answer : loop.save_together(of_users(1, 3), in_good_time())) {
    REQUIRE(answer);
    CHECK(answer.value().inserted);
  }
}

TEST_CASE("what nobody waits for any longer costs the database nothing") {
  const PostgresSchema schema;
  OneLoop loop{schema};
  const auto before = (*loop).transactions();
  {
    auto forgotten = awaited((*loop).save(sample_new_draft(1), in_good_time()));
    forgotten.start();
  }
  const auto answers = loop.save_together(of_users(2, 1), in_good_time());
  REQUIRE(answers[0]);
  CHECK((*loop).transactions() - before == 1);
  CHECK(PostgresShell{schema.url()}.ask("SELECT count(*) FROM drafts") == "1");
}

TEST_CASE(
    "while the server hangs every call returns by its deadline, unknown if it was sent, and then all is as before") {
  const PostgresSchema schema;
  OneLoop loop{schema, 2};
  const RealServer server{"postgres"};
  std::optional<Paused> paused{server};
  const auto began = std::chrono::steady_clock::now();
  const auto sent = loop.save_together(of_users(1, 5), Deadline{began + 150ms});
  const auto took = std::chrono::steady_clock::now() - began;
  CHECK(took >= 150ms);
  CHECK(took < 1s);
  for (const auto& answer : sent) CHECK(error_of(answer) == Error{Errc::deadline_exceeded, {}, Certainty::unknown});
  paused.reset();
  const auto resumed = std::chrono::steady_clock::now();
  loop.turn_until([&] { return loop.save_together(of_users(100, 1), Deadline::after(200ms))[0].has_value(); });
  CHECK(std::chrono::steady_clock::now() - resumed < 2s);
}

TEST_CASE("a server that is killed under load is used again within two seconds, with one draft a user") {
  const PostgresSchema schema;
  OneLoop loop{schema, 2};
  RealServer server{"postgres"};
  std::map<std::int64_t, DraftId> told;
  std::int64_t user = 0;
  std::size_t failed = 0;
  std::optional<std::thread> killer;
  const Deadline patience = in_good_time();
  for (int round = 0; round < 60 || failed == 0; ++round) {
    REQUIRE_FALSE(patience.expired());
    if (round == 20) killer.emplace([&] { server.kill(); });
    const auto drafts = of_users(user + 1, 20);
    user += 20;
    const auto began = std::chrono::steady_clock::now();
    const auto answers = loop.save_together(drafts, Deadline::after(400ms));
    CHECK(std::chrono::steady_clock::now() - began < 1s);
    for (std::size_t i = 0; i != answers.size(); ++i) {
      if (answers[i]) {
        told.emplace(drafts[i].user_id.value(), answers[i].value().draft.id);
      } else {
        ++failed;
      }
    }
  }
  if (killer) killer->join();
  const auto returned = std::chrono::steady_clock::now();
  loop.turn_until([&] {
    std::this_thread::sleep_for(10ms);
    return loop.save_together(of_users(1'000'000, 1), Deadline::after(200ms))[0].has_value();
  });
  CHECK(std::chrono::steady_clock::now() - returned < 15s);  // the server's own recovery included
  CHECK(failed != 0);
  PostgresShell shell{schema.url()};
  CHECK(shell.ask("SELECT count(*) - count(DISTINCT user_id) FROM drafts") == "0");
  CHECK(shell.ask("SELECT count(*) FROM drafts d LEFT JOIN outbox o ON o.draft_id = d.id WHERE o.draft_id IS NULL") ==
        "0");
  for (const auto& [of_user, id] : told) {
    CHECK(loop.run((*loop).find(id, in_good_time())).value().value().user_id.value() == of_user);
  }
}

TEST_CASE("a connection that is lost and can't come back is not waited for while another one is well") {
  const PostgresSchema schema;
  OneLoop loop{schema, 2};
  PostgresShell admin{schema.admin_url()};
  admin.run("ALTER ROLE " + schema.name() + " CONNECTION LIMIT 0");  // for those that are there, too late
  admin.run("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = '" + schema.name() +
            "' AND pid = (SELECT min(pid) FROM pg_stat_activity WHERE usename = '" + schema.name() + "')");
  for (std::int64_t user = 1; user <= 4; ++user) {
    const auto answers = loop.save_together(of_users(user, 1), Deadline::after(2s));
    CHECK(answers[0].has_value());
  }
}

TEST_CASE("a repository that ends while calls wait leaves nobody behind, and a loop that goes on is unharmed") {
  const PostgresSchema schema;
  boost::asio::io_context context;
  adapters::Loop loop{context};
  PostgresDraftRepository blocking{schema.config()};
  std::optional<AsyncPostgresDraftRepository> repository;
  repository.emplace(loop, schema.config(), blocking);
  auto task = awaited(repository->save(sample_new_draft(1), Deadline::after(300ms)));
  task.start();
  repository.reset();
  const Deadline patience = in_good_time();
  while (!task.is_done() && !patience.expired()) context.run_one_for(50ms);
  REQUIRE(task.is_done());
  const auto answer = task.get();
  if (!answer) CHECK(answer.error().code == Errc::deadline_exceeded);
  context.run_for(3s);
  CHECK(context.stopped());  // its coroutines have ended
}
