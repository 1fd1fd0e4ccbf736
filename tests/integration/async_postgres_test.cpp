#include <doctest/doctest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <adapters/postgres/async_session.hpp>
#include <adapters/postgres/look_up.hpp>
#include <adapters/postgres/save_batch.hpp>

#include "async_postgres_fixture.hpp"
#include "standstills.hpp"

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
  explicit OneLoop(const PostgresSchema& schema, std::size_t connections = 1) : OneLoop{schema.config(), connections} {}
  OneLoop(const postgres::Config& config, std::size_t connections)
      : blocking_{with(config, 2)}, repository_{loop_, with(config, connections), blocking_} {
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

TEST_CASE("saves do not read the claims of others, be they ever so many") {
  const PostgresSchema schema;
  PostgresShell shell{schema.url()};
  {
    auto config = schema.config();
    config.prepared_statements = true;  // whose plans are made while there are few
    OneLoop loop{config, 1};
    auto save_some = [&, next = std::int64_t{1}]() mutable {
      for (int i = 0; i != 8; ++i, next += 32) {
        for (const auto& answer : loop.save_together(of_users(next, 32), in_good_time())) REQUIRE(answer);
      }
    };
    save_some();
    shell.run(
        "WITH many AS (INSERT INTO drafts (id, user_id, objective, store_name, industry, address, status, created_at) "
        "SELECT n, n, '매출 증대', '가게', '음식점', '서울시', 'DRAFT', now() FROM generate_series(1000001, 1050000) n "
        "RETURNING id) INSERT INTO in_progress_drafts (user_id, draft_id, until) "
        "SELECT id, id, now() + interval '1 hour' FROM many");
    save_some();
  }
  const Deadline patience = in_good_time();  // the server counts when the connection has ended
  const auto count = [&](const std::string& what) {
    return std::stoll(
        shell.ask("SELECT " + what +
                  " FROM pg_stat_user_tables WHERE relname = 'in_progress_drafts' AND schemaname = current_schema()"));
  };
  while (count("idx_scan") < 500 && !patience.expired()) std::this_thread::sleep_for(20ms);
  CHECK(count("idx_scan") >= 500);
  CHECK(count("seq_tup_read") < 50'000);
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

namespace {

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

}  // namespace

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

TEST_CASE("a call whose time is over when a connection comes to it is not sent, though its loop has not told it so") {
  const PostgresSchema schema;
  OneLoop loop{schema};
  const EventDraft draft = loop.save_together(of_users(1, 1), in_good_time())[0].value().draft;
  const auto before = (*loop).transactions();
  const Deadline deadline = Deadline::after(20ms);
  auto save = awaited((*loop).save(sample_new_draft(2), deadline));
  auto find = (*loop).find(draft.id, deadline);
  save.start();
  find.start();
  std::this_thread::sleep_until(deadline.at() + 1ms);
  CHECK(loop.save_together(of_users(3, 1), in_good_time())[0]);
  CHECK((*loop).transactions() == before + 1);
  loop.turn_until([&] { return save.is_done() && find.is_done(); });
  CHECK(error_of(save.get()) == Error{Errc::deadline_exceeded});
  CHECK(error_of(find.get()) == Error{Errc::deadline_exceeded});
  CHECK(PostgresShell{schema.url()}.ask("SELECT string_agg(user_id::text, ',' ORDER BY user_id) FROM drafts") == "1,3");
}

TEST_CASE("a save that must be alone has its turn, however many approvals wait") {
  const PostgresSchema schema;
  OneLoop loop{schema};
  constexpr std::size_t many = 40;
  std::deque<Task<Result<std::optional<ApprovedDraft>>>> approvals;
  std::optional<EventDraft> replaced;
  for (const auto& saved : loop.save_together(of_users(1, many + 1), in_good_time())) {
    const EventDraft& draft = saved.value().draft;
    if (draft.user_id.value() == 1) {
      replaced = draft;
      continue;
    }
    approvals.push_back((*loop).approve({draft.id, draft.user_id, draft.created_at}, in_good_time()));
    approvals.back().start();
  }
  const auto approved = [&] {
    return std::ranges::count_if(approvals, [](const auto& each) { return each.is_done(); });
  };
  loop.turn_until([&] { return approved() != 0; });
  NewEventDraft replacement = sample_new_draft(1);
  replacement.replaces = replaced.value().id;
  auto save = awaited((*loop).save(replacement, in_good_time()));
  save.start();
  const auto before = approved();
  loop.turn_until([&] { return save.is_done(); });
  CHECK(save.get().value().inserted);
  CHECK(approved() <= before + 3);
  loop.turn_until([&] { return approved() == many; });
  for (auto& each : approvals) CHECK(each.get().value().has_value());
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

namespace {

/// A connection that transactions are sent on one behind the other.
struct Pipelined {
  explicit Pipelined(bool prepares)
      : connection{postgres::Connection::open(schema.url(), prepares, in_good_time(), report).value()} {}

  template <class... Statements>
  void send(const Statements&... statements) {
    REQUIRE(connection.send(std::array{postgres::Query{statements, none}...}, in_good_time()));
  }
  Result<std::vector<postgres::Rows>> next_answer() {
    for (;;) {
      if (auto answer = connection.answer()) return *std::move(answer);
      if (const auto received = connection.receive(); !received) return received.error();
      std::this_thread::sleep_for(5ms);
    }
  }

  PostgresSchema schema;
  postgres::Report report = [](std::string_view) {};
  postgres::Parameters none{};
  postgres::Connection connection;
};

}  // namespace

TEST_CASE("a transaction whose answer is lost is unknown and no conflict, whatever went before it on the connection") {
  static constexpr postgres::Statement conflicts = "DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$";
  static constexpr postgres::Statement sleeps = "SELECT pg_sleep(20)";
  Pipelined pipelined{false};
  pipelined.send(conflicts);
  pipelined.send(sleeps);
  CHECK(pipelined.next_answer().error() == Error{Errc::storage_unavailable});
  CHECK(pipelined.connection.met_conflict());
  REQUIRE(::shutdown(pipelined.connection.socket(), SHUT_RDWR) == 0);
  CHECK(pipelined.next_answer().error().certainty == Certainty::unknown);
  CHECK_FALSE(pipelined.connection.met_conflict());
}

TEST_CASE("a statement that a failed transaction was to prepare is there for the one behind it") {
  static constexpr postgres::Statement fails = "SELECT 1/0";
  static constexpr postgres::Statement follows = "SELECT 1";
  Pipelined pipelined{true};
  pipelined.send(fails, follows);
  pipelined.send(follows);
  pipelined.send(follows);
  CHECK_FALSE(pipelined.next_answer().has_value());
  CHECK(pipelined.next_answer().has_value());
  CHECK(pipelined.next_answer().has_value());
  pipelined.send(follows);  // by now it may be prepared
  CHECK(pipelined.next_answer().has_value());
}

TEST_CASE("a server's machine that is gone ends a connection, as late as the URL says") {
  using namespace event_draft::postgres;
  const PostgresSchema schema;
  const Report report = [](std::string_view) {};
  const auto option_of = [&](const std::string& url, int option) {
    const auto connection = Connection::open(url, false, in_good_time(), report).value();
    int value = -1;
    socklen_t size = sizeof value;
    REQUIRE(::getsockopt(connection.socket(), IPPROTO_TCP, option, &value, &size) == 0);
    return value;
  };
  CHECK(option_of(schema.url(), TCP_USER_TIMEOUT) == 10'000);
  CHECK(option_of(schema.url(), TCP_KEEPIDLE) == 5);
  CHECK(option_of(schema.url() + "&tcp_user_timeout=7000", TCP_USER_TIMEOUT) == 7'000);
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

// What else a server that hangs does is in postgres_outage_test.cpp.
TEST_CASE("saves that have gone together to a server that hangs are all unknown, each at its deadline") {
  const PostgresSchema schema;
  OneLoop loop{schema, 2};
  const RealServer server{"postgres"};
  const Paused paused{server};
  const auto began = std::chrono::steady_clock::now();
  const auto sent = loop.save_together(of_users(1, 5), Deadline{began + 150ms});
  const auto took = std::chrono::steady_clock::now() - began;
  CHECK(took >= 150ms);
  CHECK(took < 1s);
  for (const auto& answer : sent) CHECK(error_of(answer) == Error{Errc::deadline_exceeded, {}, Certainty::unknown});
}

TEST_CASE("a server that is killed under load is used again within two seconds, with one draft a user") {
  const PostgresSchema schema;
  OneLoop loop{schema, 2};
  RealServer server{"postgres"};
  std::map<std::int64_t, DraftId> told;
  std::int64_t user = 0;
  std::size_t failed = 0;
  std::optional<std::thread> killer;
  Standstills standstills;
  const Deadline patience = in_good_time();
  for (int round = 0; round < 60 || failed == 0; ++round) {
    REQUIRE_FALSE(patience.expired());
    if (round == 20) killer.emplace([&] { server.kill(); });
    const auto drafts = of_users(user + 1, 20);
    user += 20;
    const auto began = std::chrono::steady_clock::now();
    const auto answers = loop.save_together(drafts, Deadline::after(400ms));
    CHECK(standstills.without(began, std::chrono::steady_clock::now()) < 1s);
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

namespace {

/// Has nothing to do; who looks is noted, and may meet with an accident.
struct Accidents final : postgres::JobSource {
  std::vector<std::unique_ptr<postgres::Job>> take() override {
    if (std::exchange(is_next, false)) throw std::bad_alloc{};
    on_take();
    return {};
  }
  [[nodiscard]] bool has_more() const noexcept override { return false; }
  void fail_all() noexcept override {}

  bool is_next = false;
  std::function<void()> on_take = [] {};
};

}  // namespace

TEST_CASE("what a connection was woken for, and met with an exception, is for another one, before it is back itself") {
  const PostgresSchema schema;
  auto config = schema.config();
  config.connections = 2;
  boost::asio::io_context context;
  adapters::Loop loop{context};
  const auto source = std::make_shared<Accidents>();
  std::size_t taken = 0;
  source->on_take = [&] { ++taken; };
  std::optional<postgres::AsyncSession> session;
  session.emplace(loop, config, source);
  const auto turn_until = [&](auto condition) {
    const Deadline patience = in_good_time();
    while (!condition() && !patience.expired()) context.run_one_for(10ms);
    REQUIRE(condition());
  };
  turn_until([&] { return session->connections() == 2 && taken >= 2; });

  std::optional<std::size_t> connections;
  source->on_take = [&] { connections = connections.value_or(session->connections()); };
  source->is_next = true;
  session->wake();
  turn_until([&] { return connections.has_value(); });
  CHECK(connections == 1);
  CHECK(session->is_available());
  turn_until([&] { return session->connections() == 2; });
  session.reset();
  context.run_for(3s);
  CHECK(context.stopped());
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

namespace {

/// What comes of a connection string.
std::optional<postgres::Addresses> looked_up(const std::string& url, std::size_t first = 0) {
  boost::asio::io_context context;
  boost::asio::ip::tcp::resolver resolver{context};
  std::optional<postgres::Addresses> found;
  std::exception_ptr thrown;
  boost::asio::co_spawn(context, postgres::look_up(resolver, url, first),
                        [&](std::exception_ptr error, auto addresses) {
                          thrown = error;
                          found = std::move(addresses);
                        });
  context.run();
  if (thrown) std::rethrow_exception(thrown);
  return found;
}

}  // namespace

TEST_CASE("a host's name is looked up beside libpq, which is told name, address and port") {
  CHECK_FALSE(looked_up("postgresql://user@127.0.0.1:1234/database").has_value());
  CHECK_FALSE(looked_up("postgresql:///database?host=/var/run/postgresql").has_value());
  CHECK_FALSE(looked_up("host=localhost hostaddr=127.0.0.1").has_value());
  const auto alone = looked_up("host=localhost dbname=database");
  REQUIRE(alone.has_value());
  CHECK(alone->hosts.starts_with("localhost"));
  CHECK((alone->addresses.starts_with("127.0.0.1") || alone->addresses.starts_with("::1")));
  CHECK(alone->ports == "");  // libpq's own
  const auto without_ports = looked_up("host=localhost,127.0.0.1 dbname=database");
  REQUIRE(without_ports.has_value());
  CHECK(without_ports->ports == "");
  const auto several = looked_up("postgresql://user@127.0.0.2:1,localhost:2,[::1]:3/database");
  REQUIRE(several.has_value());
  CHECK(several->hosts.starts_with("127.0.0.2,localhost"));
  CHECK(several->hosts.ends_with(",::1"));
  CHECK(several->addresses.starts_with("127.0.0.2,"));
  CHECK(several->ports.starts_with("1,2"));
  CHECK(several->ports.ends_with(",3"));
  CHECK(std::ranges::count(several->hosts, ',') == std::ranges::count(several->addresses, ','));
  const auto second = looked_up("postgresql://user@127.0.0.2:1,localhost:2/database", 1);
  REQUIRE(second.has_value());
  CHECK(second->ports.starts_with("2,"));
  CHECK(second->ports.ends_with(",1"));
  CHECK_THROWS(looked_up("host=nowhere.invalid"));
}

TEST_CASE("a repository that has ended reports nothing, though it was about to connect") {
  const PostgresSchema schema;
  boost::asio::io_context silent;
  const boost::asio::ip::tcp::acceptor listener{silent, {boost::asio::ip::address_v4::loopback(), 0}};
  PostgresDraftRepository blocking{schema.config()};
  auto config = schema.config();
  config.url = "postgresql://127.0.0.1:" + std::to_string(listener.local_endpoint().port()) + "/database";
  Causes causes;
  config.on_failure = causes.collector();
  boost::asio::io_context context;
  adapters::Loop loop{context};
  std::optional<AsyncPostgresDraftRepository> repository;
  repository.emplace(loop, config, blocking);
  context.run_for(100ms);
  repository.reset();
  context.run_for(5s);
  CHECK(context.stopped());
  CHECK(causes.take().empty());
}

TEST_CASE("where the URL has a name and no port, PGPORT has it") {
  const PostgresSchema schema;
  auto config = schema.config();
  const std::string host = "127.0.0.1:";
  const auto place = config.url.find(host);
  const auto end = config.url.find('/', place);
  const std::string port = config.url.substr(place + host.size(), end - place - host.size());
  config.url.replace(place, end - place, "localhost");
  PostgresDraftRepository blocking{schema.config()};
  ::setenv("PGPORT", port.c_str(), 1);
  boost::asio::io_context context;
  adapters::Loop loop{context};
  std::optional<AsyncPostgresDraftRepository> repository;
  repository.emplace(loop, config, blocking);
  const Deadline patience = in_good_time();
  while (repository->connections() == 0 && !patience.expired()) context.run_one_for(50ms);
  CHECK(repository->connections() != 0);
  ::unsetenv("PGPORT");
  repository.reset();
  context.run_for(3s);
}

TEST_CASE("an address that is silent is got past, where there is a name") {
  const PostgresSchema schema;
  boost::asio::io_context silent;
  const boost::asio::ip::tcp::acceptor listener{silent, {boost::asio::ip::address_v4::loopback(), 0}};
  auto config = schema.config();
  const std::string place = "127.0.0.1:" + std::to_string(listener.local_endpoint().port()) + ",localhost";
  config.url.replace(config.url.find("127.0.0.1"), 9, place);
  boost::asio::io_context context;
  adapters::Loop loop{context};
  PostgresDraftRepository blocking{schema.config()};
  std::optional<AsyncPostgresDraftRepository> repository;
  repository.emplace(loop, config, blocking);
  const Deadline patience = in_good_time();
  while (repository->connections() == 0 && !patience.expired()) context.run_one_for(50ms);
  CHECK(repository->connections() != 0);
  repository.reset();
  context.run_for(3s);
}

TEST_CASE("a server that refuses every save is not connected to as often as it is asked") {
  const PostgresSchema schema;
  Causes causes;
  auto config = schema.config();
  config.on_failure = causes.collector();
  PostgresShell admin{schema.admin_url()};
  { const PostgresDraftRepository makes_the_tables{config}; }
  OneLoop loop{config, 1};
  bool reads_too = false;
  SUBCASE("and asked for nothing else") {}
  SUBCASE("and answers what is read between") { reads_too = true; }
  const auto save = [&](std::int64_t user) {
    const Deadline turns = Deadline::after(2ms);
    loop.turn_until([&] { return turns.expired(); });
    if (reads_too) CHECK(loop.run((*loop).find(DraftId::numbered(1), in_good_time())));
    return loop.run(awaited((*loop).save(sample_new_draft(user), Deadline::after(100ms))));
  };
  admin.run("ALTER ROLE " + schema.name() + " SET default_transaction_read_only = on");
  schema.end_connections();
  static_cast<void>(causes.take());
  std::size_t asked = 0;
  const auto began = std::chrono::steady_clock::now();
  for (const Deadline end = Deadline::after(1s); asked <= 50 || !end.expired(); ++asked) {
    CHECK_FALSE(save(static_cast<std::int64_t>(asked) + 1));
  }
  const auto took = std::chrono::steady_clock::now() - began;
  const auto told = causes.take();
  const auto refused =
      std::ranges::count_if(told, [](const auto& cause) { return cause.find("25006") != std::string::npos; });
  MESSAGE("asked ", asked, " times, connected to and refused ", refused, " times");
  CHECK(refused >= 1);
  CHECK(refused * 1s <= 25 * took);
  if (!reads_too) CHECK(static_cast<std::size_t>(refused) < asked);  // a read waits until there is a connection
  admin.run("ALTER ROLE " + schema.name() + " RESET default_transaction_read_only");
  const Deadline patience = in_good_time();
  bool is_saved = false;
  while (!is_saved && !patience.expired()) is_saved = save(1'000'000).has_value();
  CHECK(is_saved);
}

TEST_CASE("a server is reached by its name") {
  const PostgresSchema schema;
  auto config = schema.config();
  config.url.replace(config.url.find("127.0.0.1"), 9, "localhost");
  OneLoop loop{config, 1};
  for (const auto& answer : loop.save_together(of_users(1, 3), in_good_time())) CHECK(answer);
}
