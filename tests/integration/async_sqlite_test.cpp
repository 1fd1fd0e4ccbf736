#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "../contract/turned_loop.hpp"
#include "async_sqlite_fixture.hpp"
#include "disk_faults.hpp"

using namespace event_draft;
using namespace event_draft::testing;
using namespace std::chrono_literals;

// What the repository does that gathers the calls of event loops for one writer.
namespace {

using sqlite::AsyncSqliteDraftRepository;
using sqlite::Writer;

constexpr Error late{Errc::deadline_exceeded};
constexpr Error late_and_unknown{Errc::deadline_exceeded, {}, Certainty::unknown};

/// One loop with its repository; the test's thread runs it.
class OneLoop : public TurnedLoop {
 public:
  explicit OneLoop(const sqlite::Config& config) : blocking{config} {}

  Task<Result<SavedDraft>> save(const NewEventDraft& draft, Deadline deadline = in_good_time()) {
    return started(repository->save(draft, deadline));
  }

  Result<SavedDraft> saved(const NewEventDraft& draft, Deadline deadline = in_good_time()) {
    auto task = save(draft, deadline);
    return result(task);
  }

  /// Asks for them all before the loop turns.
  std::deque<Task<Result<SavedDraft>>> save_all(const std::vector<NewEventDraft>& drafts,
                                                Deadline deadline = in_good_time()) {
    std::deque<Task<Result<SavedDraft>>> tasks;
    for (const NewEventDraft& draft : drafts) tasks.push_back(save(draft, deadline));
    return tasks;
  }

  Result<std::optional<EventDraft>> found(const DraftId& id, Deadline deadline = in_good_time()) {
    auto task = started(repository->find(id, deadline));
    return result(task);
  }

  SqliteDraftRepository blocking;
  std::optional<Writer> writer{blocking};
  std::optional<AsyncSqliteDraftRepository> repository{std::in_place, get(), *writer};
};

/// The writer in the middle of a commit: what is asked for meanwhile is its next transaction.
class BusyWriter {
 public:
  static constexpr std::int64_t user = 1'000'000;

  explicit BusyWriter(OneLoop& loop, Deadline deadline = in_good_time()) : loop_{loop} {
    DiskFaults::hanging = true;
    const int before = DiskFaults::syncs;
    task_.emplace(loop.save(sample_new_draft(user), deadline));
    loop.turn_until([&] { return DiskFaults::syncs != before; });
  }
  ~BusyWriter() { DiskFaults::hanging = false; }
  BusyWriter(const BusyWriter&) = delete;
  BusyWriter& operator=(const BusyWriter&) = delete;

  /// What its save came to; it can do so before the commit has ended.
  Result<SavedDraft> result() { return loop_.result(*task_); }

  static void go_on() { DiskFaults::hanging = false; }

 private:
  OneLoop& loop_;
  std::optional<Task<Result<SavedDraft>>> task_;
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

/// From here on the event of a draft whose store is called `poison` is refused, when the draft and the claim are written already.
void refuse_poison(const Folder& folder, std::string_view how) {
  Shell{folder.database}.run(
      "CREATE TRIGGER refusal BEFORE INSERT ON outbox WHEN (SELECT store_name FROM drafts WHERE id = NEW.draft_id) = "
      "'poison' BEGIN SELECT RAISE(" +
      std::string{how} + ", 'refused'); END");
}

}  // namespace

TEST_CASE("saves that come while the writer commits share the next commit, and each has its own answer") {
  Folder folder;
  OneLoop loop{folder.config()};
  std::vector<NewEventDraft> drafts;
  for (std::int64_t user = 1; user <= 200; ++user) drafts.push_back(of_store(user, "가게 " + std::to_string(user)));
  BusyWriter busy{loop};
  auto tasks = loop.save_all(drafts);
  CHECK(loop.writer->waiting() == 200);
  const auto commits = loop.writer->commits();
  const int syncs = DiskFaults::syncs;
  busy.go_on();
  const auto answers = loop.results(std::move(tasks));
  CHECK(loop.writer->commits() - commits == 2);  // the one that was under way, and theirs
  CHECK(DiskFaults::syncs - syncs < 10);
  std::set<std::string> ids;
  for (std::size_t i = 0; i != drafts.size(); ++i) {
    REQUIRE(answers[i]);
    const auto& [draft, inserted, lease] = answers[i].value();
    CHECK(inserted);
    CHECK(lease);
    CHECK(draft == with_id(drafts[i], draft.id));
    CHECK(ids.insert(std::string{draft.id.view()}).second);
    CHECK(loop.found(draft.id).value() == draft);
  }
  Shell shell{folder.database};
  CHECK(shell.ask("SELECT count(DISTINCT lease) FROM outbox WHERE attempts = 1 AND lease <> 0") == "201");
}

TEST_CASE("saves and approvals that are answered together are on the disk together") {
  Folder folder;
  OneLoop loop{folder.config()};
  const auto first = loop.saved(sample_new_draft(1)).value().draft;
  BusyWriter busy{loop};
  auto save = loop.save(sample_new_draft(2));
  const Timestamp now = SystemClock::now();
  const auto approval = [&](std::int64_t user) {
    return DraftApproval{.id = first.id, .user_id = UserId::make(user).value(), .approved_at = now, .event_lease = 1h};
  };
  auto approve = started(loop.repository->approve(approval(1), in_good_time()));
  auto again = started(loop.repository->approve(approval(1), in_good_time()));
  auto foreign = started(loop.repository->approve(approval(2), in_good_time()));
  const auto commits = loop.writer->commits();
  busy.go_on();
  CHECK(loop.result(save).value().inserted);
  const auto approved = loop.result(approve).value();
  REQUIRE(approved);
  CHECK(approved->approved_now);
  CHECK_FALSE(loop.result(again).value()->approved_now);
  CHECK(loop.result(foreign).value() == std::nullopt);
  CHECK(loop.writer->commits() - commits == 2);
  CHECK(loop.found(first.id).value() == approved->draft);
}

TEST_CASE("two saves of one user at the same time: one draft, which both get") {
  Folder folder;
  OneLoop loop{folder.config()};
  BusyWriter busy{loop};
  auto tasks = loop.save_all({of_store(9, "하나"), of_store(2, "둘"), of_store(9, "셋")});
  busy.go_on();
  const auto answers = loop.results(std::move(tasks));
  CHECK(answers[0].value().inserted);
  CHECK(answers[1].value().inserted);
  CHECK(answers[2].value() == SavedDraft{answers[0].value().draft, false});
  CHECK(Shell{folder.database}.ask("SELECT count(*) FROM drafts WHERE user_id = 9") == "1");
}

TEST_CASE("a save that the database refuses is undone alone, and its user's next save is stored") {
  Folder folder;
  OneLoop loop{folder.config()};
  refuse_poison(folder, "ABORT");
  auto drafts = of_users(1, 20);
  drafts[7] = of_store(8, "poison");
  drafts.push_back(of_store(8, "whole"));
  BusyWriter busy{loop};
  auto tasks = loop.save_all(drafts);
  const auto commits = loop.writer->commits();
  busy.go_on();
  const auto answers = loop.results(std::move(tasks));
  CHECK(loop.writer->commits() - commits == 2);
  for (std::size_t i = 0; i != drafts.size(); ++i) {
    CAPTURE(i);
    if (i == 7) {
      CHECK(error_of(answers[i]) == error_of(loop.blocking.save(of_store(777, "poison"), in_good_time())));
    } else {
      REQUIRE(answers[i]);
      CHECK(answers[i].value().inserted);
    }
  }
  Shell shell{folder.database};
  CHECK(shell.ask("SELECT count(*) FROM drafts WHERE store_name = 'poison'") == "0");
  CHECK(shell.ask("SELECT count(*) FROM drafts") == "21");
  CHECK(shell.ask("SELECT count(*) FROM in_progress_drafts p JOIN drafts d ON d.id = p.draft_id") == "21");
}

TEST_CASE("one that makes SQLite undo the whole transaction has failed alone: the others are made again") {
  Folder folder;
  OneLoop loop{folder.config()};
  refuse_poison(folder, "ROLLBACK");
  auto drafts = of_users(1, 9);
  drafts[2] = of_store(3, "poison");
  drafts[3] = of_store(4, "poison");
  drafts[6] = of_store(7, "poison");
  BusyWriter busy{loop};
  auto tasks = loop.save_all(drafts);
  const auto commits = loop.writer->commits();
  busy.go_on();
  const auto answers = loop.results(std::move(tasks));
  for (std::size_t i = 0; i != drafts.size(); ++i) {
    CAPTURE(i);
    if (drafts[i].store.name() == "poison") {
      CHECK(error_of(answers[i]) == Error{Errc::storage_unavailable});
    } else {
      REQUIRE(answers[i]);
      CHECK(answers[i].value().inserted);
    }
  }
  CHECK(loop.writer->commits() - commits == 4);  // of what was under way, and of each row of whole ones
  CHECK(Shell{folder.database}.ask("SELECT group_concat(user_id) FROM drafts") ==
        std::to_string(BusyWriter::user) + ",1,2,5,6,8,9");
}

TEST_CASE("what is late or wanted by nobody costs the database nothing; only what was under way is unknown") {
  Folder folder;
  OneLoop loop{folder.config()};
  const auto began = std::chrono::steady_clock::now();
  BusyWriter busy{loop, Deadline{began + 200ms}};
  auto save = loop.save(sample_new_draft(1), Deadline{began + 200ms});
  auto find = started(loop.repository->find(DraftId::numbered(1), Deadline{began + 200ms}));
  { const auto forgotten = loop.save(sample_new_draft(2)); }
  CHECK(error_of(loop.result(save)) == late);
  CHECK(error_of(loop.result(find)) == late);
  CHECK(error_of(busy.result()) == late_and_unknown);
  CHECK(std::chrono::steady_clock::now() - began < 10s);  // the disk still hangs
  const auto commits = loop.writer->commits();
  busy.go_on();
  loop.turn_until([&] { return loop.writer->commits() != commits && loop.writer->waiting() == 0; });
  CHECK(loop.saved(sample_new_draft(3)).value().inserted);
  CHECK(loop.writer->commits() - commits == 2);  // the one that was under way, and the last
  Shell shell{folder.database};
  CHECK(shell.ask("SELECT group_concat(user_id) FROM drafts") == std::to_string(BusyWriter::user) + ",3");
  CHECK(error_of(loop.saved(sample_new_draft(4), Deadline::after(0ms))) == late);
}

TEST_CASE("a save that is late before the commit is undone alone") {
  Folder folder;
  const Deadline soon = Deadline::after(500ms);
  auto config = folder.config();
  config.on_failure = [&](std::string_view) { std::this_thread::sleep_until(soon.at()); };  // of the corrupt holder
  OneLoop loop{config};
  CHECK(loop.saved(sample_new_draft(2)));
  Shell{folder.database}.run("UPDATE drafts SET industry = '' WHERE user_id = 2");
  BusyWriter busy{loop};
  auto before = loop.save(sample_new_draft(1));
  auto slow = loop.save(sample_new_draft(2), soon);
  auto after = loop.save(sample_new_draft(3));
  busy.go_on();
  CHECK(loop.result(before).value().inserted);
  CHECK(loop.result(after).value().inserted);
  CHECK(error_of(loop.result(slow)).code == Errc::deadline_exceeded);
  CHECK(Shell{folder.database}.ask("SELECT group_concat(user_id) FROM drafts WHERE user_id <= 3") == "2,1,3");
}

TEST_CASE("a save that was undone with others, and is late when they are made again, is not told as stored") {
  Folder folder;
  const Deadline soon = Deadline::after(500ms);
  auto config = folder.config();
  config.on_failure = [&](std::string_view) { std::this_thread::sleep_until(soon.at()); };  // of the poison
  OneLoop loop{config};
  refuse_poison(folder, "ROLLBACK");
  BusyWriter busy{loop};
  auto undone = loop.save(sample_new_draft(1), soon);
  auto poison = loop.save(of_store(2, "poison"));
  auto after = loop.save(sample_new_draft(3));
  busy.go_on();
  std::this_thread::sleep_until(soon.at() + 50ms);  // all answers are there before the loop looks at the clock
  CHECK(error_of(loop.result(undone)).code == Errc::deadline_exceeded);
  CHECK(error_of(loop.result(poison)) == Error{Errc::storage_unavailable});
  CHECK(loop.result(after).value().inserted);
  CHECK(Shell{folder.database}.ask("SELECT count(*) FROM drafts WHERE user_id = 1") == "0");
}

TEST_CASE("more calls than may wait: the next one fails at once, not applied") {
  Folder folder;
  OneLoop loop{folder.config()};
  BusyWriter busy{loop};
  {
    const auto waiting = loop.save_all(of_users(1, Writer::most_waiting));
    auto one_more = loop.save(sample_new_draft(500'000));
    auto a_read = started(loop.repository->find(DraftId::numbered(1), in_good_time()));
    REQUIRE(one_more.is_done());
    REQUIRE(a_read.is_done());
    CHECK(error_of(one_more.get()) == Error{Errc::storage_unavailable});
    CHECK(error_of(a_read.get()) == Error{Errc::storage_unavailable});
  }
  busy.go_on();
  loop.turn_until([&] { return loop.writer->waiting() == 0; });
  CHECK(loop.saved(sample_new_draft(500'000)).value().inserted);
  CHECK(Shell{folder.database}.ask("SELECT count(*) FROM drafts") == "2");  // nobody waited for the others
}

TEST_CASE("a full database keeps what fits; the others fail, not applied, and the reading goes on") {
  Folder folder;
  auto config = folder.config();
  config.max_pages = 10;
  OneLoop loop{config};
  const auto drafts = of_users(1, 300);
  BusyWriter busy{loop};
  auto tasks = loop.save_all(drafts);
  busy.go_on();
  std::size_t stored = 1;
  std::optional<EventDraft> last;
  for (const auto& answer : loop.results(std::move(tasks))) {
    if (answer) {
      ++stored;
      last = answer.value().draft;
    } else {
      CHECK(error_of(answer) == Error{Errc::storage_unavailable});
    }
  }
  CHECK(stored < drafts.size());
  REQUIRE(last);
  CHECK(loop.found(last->id).value() == last);
  CHECK(Shell{folder.database}.ask("SELECT count(*) FROM drafts") == std::to_string(stored));
  CHECK_FALSE(folder.causes.empty());
}

TEST_CASE("a commit that fails has failed for all that share it, as sure as it is for one") {
  Folder folder;
  OneLoop loop{folder.config()};
  SqliteDraftRepository alone{{folder.directory.path() / "other.db"}};
  std::optional<Error> expected;
  const auto fail_all = [&](auto fault, auto mended) {
    fault();
    expected = error_of(alone.save(sample_new_draft(1), in_good_time()));
    mended();
    BusyWriter busy{loop};
    auto tasks = loop.save_all(of_users(1, 10));
    auto read = started(loop.repository->find(DraftId::numbered(2), in_good_time()));
    fault();
    busy.go_on();
    CHECK(loop.result(read).value() == std::nullopt);  // what is not committed is not seen
    const auto answers = loop.results(std::move(tasks));
    mended();
    for (const auto& answer : answers) CHECK(error_of(answer) == *expected);
  };
  SUBCASE("no room for the log") {
    fail_all([] { DiskFaults::full = true; }, [] { DiskFaults::full = false; });
  }
  SUBCASE("the sync fails") {
    fail_all([] { DiskFaults::failing_syncs = 2; }, [] { DiskFaults::failing_syncs = 0; });
  }
  for (const auto& answer : loop.results(loop.save_all(of_users(1, 10)))) CHECK(answer);
  CHECK(Shell{folder.database}.ask("SELECT count(*) FROM drafts WHERE user_id <= 10") == "10");
}

TEST_CASE("while a shell has the database locked drafts are found, and saves wait, until their deadline") {
  Folder folder;
  OneLoop loop{folder.config()};
  const auto draft = loop.saved(sample_new_draft(1)).value().draft;
  Shell shell{folder.database};
  shell.run("BEGIN IMMEDIATE");
  auto patient = loop.save(sample_new_draft(2));
  auto impatient = loop.save(sample_new_draft(3), Deadline::after(100ms));
  CHECK(loop.found(draft.id).value() == draft);
  CHECK(error_of(loop.result(impatient)) == late);
  CHECK_FALSE(patient.is_done());
  CHECK(loop.found(draft.id).value() == draft);
  shell.run("ROLLBACK");
  CHECK(loop.result(patient).value().inserted);
  CHECK(shell.ask("SELECT count(*) FROM drafts") == "2");
}

TEST_CASE("a database that was deleted under the program takes no more drafts, and says so") {
  Folder folder;
  OneLoop loop{folder.config()};
  CHECK(loop.saved(sample_new_draft(1)));
  std::filesystem::remove(folder.database);
  CHECK(error_of(loop.saved(sample_new_draft(2))) == Error{Errc::storage_unavailable});
  auto ready = started(loop.repository->ready(in_good_time()));
  CHECK(error_of(loop.result(ready)) == Error{Errc::storage_unavailable});
}

TEST_CASE("a repository that ends while calls wait leaves nobody behind, and a loop that goes on is unharmed") {
  Folder folder;
  OneLoop loop{folder.config()};
  std::optional<BusyWriter> busy{std::in_place, loop, Deadline::after(300ms)};
  auto waits = loop.save(sample_new_draft(1), Deadline::after(300ms));
  loop.repository.reset();
  SUBCASE("it goes on at once") { BusyWriter::go_on(); }
  SUBCASE("it goes on when all are late") {}
  CHECK(error_of(loop.result(waits)) == late);
  CHECK(error_of(busy->result()) == late_and_unknown);
  busy.reset();
  loop.writer.reset();
  loop.context().run_for(3s);
  CHECK(loop.context().stopped());  // nothing waits in it any longer
  CHECK(Shell{folder.database}.ask("SELECT group_concat(user_id) FROM drafts") == std::to_string(BusyWriter::user));
}

TEST_CASE("answers that are there when the repository ends are told") {
  Folder folder;
  OneLoop loop{folder.config()};
  auto save = loop.save(sample_new_draft(1));
  const Deadline patience = in_good_time();
  while (loop.writer->commits() == 0 && !patience.expired()) std::this_thread::sleep_for(1ms);
  std::this_thread::sleep_for(100ms);  // the answer is on its way, and the loop has not turned
  loop.repository.reset();
  CHECK(loop.result(save).value().inserted);
}

TEST_CASE("a writer ends while a shell has the database locked, and does not wait for it") {
  Folder folder;
  OneLoop loop{folder.config()};
  Shell shell{folder.database};
  shell.run("BEGIN IMMEDIATE");
  const auto save = loop.save(sample_new_draft(1));
  loop.turn_until([&] { return loop.writer->waiting() == 0; });
  const auto began = std::chrono::steady_clock::now();
  loop.repository.reset();
  loop.writer.reset();
  CHECK(std::chrono::steady_clock::now() - began < 10s);
}

TEST_CASE("two loops and the relay at once: one draft a user, whoever asks, and each of its events is settled") {
  Folder folder;
  SqliteDraftRepository blocking{{folder.database}};
  Writer writer{blocking};
  std::array<OnLoop<AsyncSqliteDraftRepository>, 2> loops{OnLoop<AsyncSqliteDraftRepository>{writer},
                                                          OnLoop<AsyncSqliteDraftRepository>{writer}};
  constexpr std::int64_t users = 60;
  std::atomic<int> wrong = 0;
  std::atomic<bool> is_over = false;
  std::mutex mutex;
  std::map<std::int64_t, std::set<std::string>> told;
  const auto use = [&](OnLoop<AsyncSqliteDraftRepository>& loop) {
    for (std::int64_t user = 1; user <= users; ++user) {
      NewEventDraft draft = sample_new_draft(user);
      draft.event_lease = 0ms;  // the relay's at once
      const auto saved = loop.call([&](auto& repository) { return repository.save(draft, in_good_time()); });
      if (!saved) {
        ++wrong;
        continue;
      }
      const EventDraft& stored = saved.assume_value().draft;
      const auto found = loop.call([&](auto& repository) { return repository.find(stored.id, in_good_time()); });
      if (!found || found.assume_value() != stored) ++wrong;
      const std::lock_guard lock{mutex};
      told[user].insert(std::string{stored.id.view()});
    }
  };
  std::thread relay{[&] {
    while (!is_over) {
      const auto events = blocking.claim(50, 1h, in_good_time());
      if (!events) {
        ++wrong;
        continue;
      }
      loops[0].run([&](auto& repository) {
        for (const LeasedEvent& event : events.assume_value()) {
          repository.settle_later(Settlement::published(event.lease()));
        }
      });
      if (!blocking.settle({}, in_good_time())) ++wrong;
      std::this_thread::sleep_for(1ms);
    }
  }};
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i != 6; ++i) threads.emplace_back([&, i] { use(loops[i % 2]); });
  for (auto& each : threads) each.join();
  const Deadline patience = in_good_time();
  Shell shell{folder.database};
  const std::string all_published = "SELECT count(*) FROM outbox WHERE published_at IS NOT NULL";
  while (shell.ask(all_published) != std::to_string(users) && !patience.expired()) std::this_thread::sleep_for(5ms);
  is_over = true;
  relay.join();
  CHECK(wrong == 0);
  CHECK(told.size() == users);
  for (const auto& [user, ids] : told) {
    CAPTURE(user);
    CHECK(ids.size() == 1);
  }
  CHECK(shell.ask("SELECT count(*) FROM drafts") == std::to_string(users));
  CHECK(shell.ask(all_published) == std::to_string(users));
}
