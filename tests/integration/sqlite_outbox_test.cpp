#include <doctest/doctest.h>
#include <sqlite3.h>

#include <adapters/sqlite/outbox_row.hpp>
#include <adapters/sqlite/outbox_statements.hpp>
#include <array>
#include <chrono>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "disk_faults.hpp"
#include "sqlite_fixture.hpp"

// The outbox in SQLite: what its contract can't know. Damaged rows, a failing disk, what is written and read when.
namespace {

using namespace event_draft;
using namespace event_draft::testing;
using sqlite::SqliteDraftRepository;
using Events = std::vector<LeasedEvent>;

constexpr std::chrono::hours long_time{1};

Error unknown() { return {Errc::storage_unavailable, {}, Certainty::unknown}; }

/// Saves a draft whose event is due at once.
EventDraft saved_due(SqliteDraftRepository& repository, std::int64_t user) {
  NewEventDraft draft = sample_new_draft(user);
  draft.event_lease = {};
  const auto result = repository.save(draft, in_good_time());
  REQUIRE(result);
  return result.assume_value().draft;
}

Events claimed(SqliteDraftRepository& repository, std::chrono::milliseconds time = long_time) {
  auto result = repository.claim(100, time, in_good_time());
  REQUIRE(result);
  return std::move(result).assume_value();
}

/// The event of a draft that was saved and whose event was claimed.
LeasedEvent one_claimed(SqliteDraftRepository& repository) {
  const Events events = claimed(repository);
  REQUIRE(events.size() == 1);
  return events.front();
}

Result<void> settle(SqliteDraftRepository& repository, const Settlement& settlement) {
  return repository.settle(std::array{settlement}, in_good_time());
}

Settlement put_back(const LeasedEvent& event) {
  return Settlement::retry(event.lease(), {}, false, Errc::publisher_unavailable);
}

DraftApproval approval_of(const EventDraft& draft) { return {draft.id, draft.user_id, draft.created_at}; }

TEST_CASE("a row reads as its event only when it keeps the domain's rules") {
  constexpr std::string_view trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const sqlite::OutboxRow good{7, "EventCreated", 1'795'424'400'123, trace, 3, 123, "매출 증대", 1'795'424'400'000};
  const auto event = sqlite::decode(good);
  REQUIRE(event);
  CHECK(to_text(event->event.id).view() == "draft-7.EventCreated");
  CHECK(to_text(event->event.created_at).view() == "2026-11-23T09:00:00.000Z");
  CHECK(to_text(event->event.occurred_at).view() == "2026-11-23T09:00:00.123Z");
  CHECK(event->event.user_id == UserId::make(123).value());
  CHECK(event->event.trace == TraceParent::parse(trace));
  CHECK(event->attempts == 3);
  const auto with = [&](auto change) {
    sqlite::OutboxRow row = good;
    change(row);
    return sqlite::decode(row);
  };
  CHECK(with([](auto& row) { row.trace.reset(); }));
  CHECK_FALSE(with([](auto& row) { row.draft_id = 0; }));
  CHECK_FALSE(with([](auto& row) { row.draft_id = -1; }));
  CHECK_FALSE(with([](auto& row) { row.type = "eventCreated"; }));
  CHECK_FALSE(with([](auto& row) { row.type = std::string_view{"EventCreated\0", 13}; }));
  CHECK_FALSE(with([](auto& row) { row.type = ""; }));
  CHECK_FALSE(with([](auto& row) { row.trace = ""; }));
  CHECK_FALSE(with([](auto& row) { row.trace = "00-zz"; }));
  CHECK_FALSE(with([](auto& row) { row.attempts = -1; }));
  CHECK_FALSE(with([](auto& row) { row.attempts = std::numeric_limits<int>::max(); }));
  CHECK_FALSE(with([](auto& row) { row.occurred_at = 253'402'300'800'000; }));
  CHECK_FALSE(with([](auto& row) { row.created_at = std::numeric_limits<std::int64_t>::min(); }));
  CHECK_FALSE(with([](auto& row) { row.user_id = 0; }));
  CHECK_FALSE(with([](auto& row) { row.objective = "무료 나눔"; }));
  CHECK_FALSE(with([](auto& row) { row.objective = "\xFF"; }));
}

TEST_CASE("a reason reads as what was written, and anything else as a defect") {
  CHECK(sqlite::parse_reason("EVENT_REJECTED") == Errc::event_rejected);
  CHECK(sqlite::parse_reason("EVENT_001") == Errc::invalid_objective);
  CHECK(sqlite::parse_reason("INTERNAL_ERROR") == Errc::internal_error);
  CHECK(sqlite::parse_reason("") == Errc::internal_error);
  CHECK(sqlite::parse_reason("event_rejected") == Errc::internal_error);
}

struct Damage {
  const char* sql;
  const char* name;  // in what is told
  bool has_a_name;   // in the domain
};

TEST_CASE("an event that can't be told is parked and named, and the rest goes on") {
  for (const Damage& damage : std::initializer_list<Damage>{
           {"UPDATE outbox SET type = 'EventDeleted' WHERE draft_id = 2", "draft-2.EventDeleted ", false},
           {"UPDATE outbox SET type = CAST(X'610A00FF62' AS TEXT) WHERE draft_id = 2", "draft-2.a???b ", false},
           {"UPDATE outbox SET type = '' WHERE draft_id = 2", "draft-2. ", false},
           {"UPDATE outbox SET draft_id = -7 WHERE draft_id = 2", "draft--7.EventDraftCreated ", false},
           {"UPDATE outbox SET trace = 'none' WHERE draft_id = 2", "draft-2.EventDraftCreated ", true},
           {"UPDATE outbox SET trace = CAST(X'FF' AS TEXT) WHERE draft_id = 2", "draft-2.EventDraftCreated ", true},
           {"UPDATE outbox SET occurred_at = 253402300800000 WHERE draft_id = 2", "draft-2.EventDraftCreated ", true},
           {"UPDATE outbox SET attempts = -9 WHERE draft_id = 2", "draft-2.EventDraftCreated ", true},
           {"UPDATE outbox SET attempts = 9223372036854775807 WHERE draft_id = 2", "draft-2.EventDraftCreated ", true},
           {"UPDATE drafts SET objective = '무료 나눔' WHERE id = 2", "draft-2.EventDraftCreated ", true},
           {"UPDATE drafts SET objective = CAST(X'ECFF' AS TEXT) WHERE id = 2", "draft-2.EventDraftCreated ", true},
           {"UPDATE drafts SET user_id = -5 WHERE id = 2", "draft-2.EventDraftCreated ", true},
           {"UPDATE drafts SET created_at = -62167219200001 WHERE id = 2", "draft-2.EventDraftCreated ", true},
           {"DELETE FROM drafts WHERE id = 2", "draft-2.EventDraftCreated ", true}}) {
    CAPTURE(damage.sql);
    Folder folder;
    SqliteDraftRepository repository{folder.config()};
    const EventDraft first = saved_due(repository, 1);
    saved_due(repository, 2);
    const EventDraft third = saved_due(repository, 3);
    Shell shell{folder.database};
    shell.run(damage.sql);

    const Events events = claimed(repository);
    REQUIRE(events.size() == 2);
    CHECK(events[0].event == draft_created(first));
    CHECK(events[1].event == draft_created(third));
    REQUIRE(folder.causes.size() == 1);
    CHECK_MESSAGE(folder.causes[0].find(damage.name) == 0, folder.causes[0]);
    CHECK(folder.causes[0].find("breaks the domain's rules") != std::string::npos);

    CHECK(repository.stats(in_good_time()).value().parked == 1);
    for (const LeasedEvent& each : events) CHECK(settle(repository, put_back(each)));
    CHECK(claimed(repository).size() == 2);
    CHECK(folder.causes.size() == 1);  // it is told once

    const auto parked = repository.parked(std::nullopt, 10, in_good_time()).value();
    REQUIRE(parked.size() == (damage.has_a_name ? 1U : 0U));
    CHECK(folder.causes.size() == (damage.has_a_name ? 1U : 2U));  // or it is told where it can't be listed
    if (damage.has_a_name) CHECK(parked[0].reason == Errc::corrupt_draft);
  }
}

TEST_CASE("an event is told whatever else is wrong with its draft") {
  for (const char* const sql : {"UPDATE drafts SET status = 'DONE'", "UPDATE drafts SET store_name = ''",
                                "UPDATE drafts SET address = CAST(X'FF' AS TEXT)"}) {
    CAPTURE(sql);
    Folder folder;
    SqliteDraftRepository repository{folder.config()};
    const EventDraft draft = saved_due(repository, 1);
    Shell{folder.database}.run(sql);
    CHECK(error_of(repository.find(draft.id, in_good_time())) == Error{Errc::corrupt_draft});
    CHECK(error_of(repository.approve(approval_of(draft), in_good_time())) == Error{Errc::corrupt_draft});
    CHECK(folder.causes == std::vector<std::string>(2, "draft-1 breaks the domain's rules"));
    CHECK(one_claimed(repository).event == draft_created(draft));
  }
}

TEST_CASE("an event that was repaired and replayed is delivered") {
  Folder folder;
  SqliteDraftRepository repository{folder.config()};
  const EventDraft draft = saved_due(repository, 1);
  Shell shell{folder.database};
  shell.run("UPDATE outbox SET trace = 'none'");
  CHECK(claimed(repository).empty());
  const EventId id{draft.id, EventType::event_draft_created};
  CHECK(repository.replay(id, in_good_time()).value());
  CHECK(claimed(repository).empty());  // still broken: parked again
  shell.run("UPDATE outbox SET trace = NULL");
  CHECK(repository.replay(id, in_good_time()).value());
  CHECK(one_claimed(repository).event == draft_created(draft));
}

TEST_CASE("what somebody changed by hand keeps no other event from being settled") {
  Folder folder;
  SqliteDraftRepository repository{folder.config()};
  for (std::int64_t user = 1; user <= 4; ++user) saved_due(repository, user);
  const Events events = claimed(repository);
  REQUIRE(events.size() == 4);
  Shell shell{folder.database};
  shell.run("UPDATE outbox SET parked_at = 1, reason = 'by hand' WHERE draft_id IN (1, 2)");
  shell.run("UPDATE outbox SET attempts = 0 WHERE draft_id = 3");
  const std::array settlements{Settlement::published(events[0].lease()), put_back(events[1]), put_back(events[2]),
                               Settlement::published(events[3].lease())};
  CHECK(repository.settle(settlements, in_good_time()));
  CHECK(repository.parked(std::nullopt, 10, in_good_time()).value().size() == 2);
  CHECK(one_claimed(repository).event.id == events[2].event.id);
  CHECK(shell.ask("SELECT group_concat(draft_id) FROM outbox WHERE published_at IS NOT NULL") == "4");
  CHECK(folder.causes.empty());
}

TEST_CASE("a corrupt row among the parked is left out of the list and told, and the pages go on") {
  Folder folder;
  SqliteDraftRepository repository{folder.config()};
  for (std::int64_t user = 1; user <= 4; ++user) saved_due(repository, user);
  for (const LeasedEvent& each : claimed(repository)) {
    CHECK(settle(repository, Settlement::parked(each.lease(), Errc::event_rejected)));
  }
  Shell shell{folder.database};
  shell.run("UPDATE outbox SET type = 'EventDeleted' WHERE draft_id = 2");
  shell.run("UPDATE outbox SET reason = 'no reason', attempts = -1 WHERE draft_id = 3");
  const auto first = repository.parked(std::nullopt, 2, in_good_time()).value();
  REQUIRE(first.size() == 2);
  CHECK(first[0].id.draft_id == DraftId::numbered(1));
  CHECK(first[1].id.draft_id == DraftId::numbered(3));
  CHECK(first[1].reason == Errc::internal_error);
  CHECK(first[1].attempts == 0);
  CHECK(folder.causes == std::vector<std::string>{"draft-2.EventDeleted is parked but has no name in the domain"});
  CHECK(repository.parked(first[1].id, 2, in_good_time()).value().size() == 1);
}

TEST_CASE("the schema keeps out of the outbox what the domain does not know") {
  const Folder folder;
  SqliteDraftRepository repository{{folder.database}};
  saved(repository);
  Shell shell{folder.database};
  shell.run("PRAGMA ignore_check_constraints = OFF; PRAGMA foreign_keys = ON; DELETE FROM outbox");
  const auto insert = [](const std::string& values) { return "INSERT INTO outbox VALUES (" + values + ")"; };
  for (const char* const values : {"1, 'EventDeleted', 0, NULL, 1, 0, 0, NULL, NULL, NULL",
                                   "7, 'EventCreated', 0, NULL, 1, 0, 0, NULL, NULL, NULL",
                                   "1, 'EventCreated', 'x', NULL, 1, 0, 0, NULL, NULL, NULL",
                                   "1, 'EventCreated', 253402300800000, NULL, 1, 0, 0, NULL, NULL, NULL",
                                   "1, 'EventCreated', 0, 'trace', 1, 0, 0, NULL, NULL, NULL",
                                   "1, 'EventCreated', 0, NULL, -1, 0, 0, NULL, NULL, NULL",
                                   "1, 'EventDraftCreated', 0, NULL, 1, NULL, 0, NULL, NULL, NULL",
                                   "1, 'EventCreated', 0, NULL, 1, 0, 0, 1, 1, 'EVENT_REJECTED'",
                                   "1, 'EventCreated', 0, NULL, 1, 0, 0, NULL, 1, NULL",
                                   "1, 'EventCreated', 0, NULL, 1, 0, 0, NULL, NULL, 'EVENT_REJECTED'"}) {
    CAPTURE(values);
    CHECK_FALSE(shell.can(insert(values)));
  }
  CHECK(shell.can(insert("1, 'EventCreated', 0, NULL, 0, NULL, 0, NULL, NULL, NULL")));
  CHECK_FALSE(shell.can("DELETE FROM drafts"));  // no event without its draft
  CHECK_FALSE(shell.can("UPDATE drafts SET status = 'APPROVED'"));
  CHECK(shell.can("UPDATE drafts SET status = 'APPROVED', approved_at = 0"));
  CHECK_FALSE(shell.can("UPDATE drafts SET status = 'DRAFT'"));
}

TEST_CASE("a draft, its window and its event are one transaction with one sync") {
  const Folder folder;
  SqliteDraftRepository repository{{folder.database}};
  saved(repository, 1);
  const int before = DiskFaults::syncs;
  saved(repository, 2);
  CHECK(DiskFaults::syncs == before + 1);
}

TEST_CASE("what changes nothing writes nothing, and waits for nobody who writes") {
  const Folder folder;
  SqliteDraftRepository repository{{folder.database}};
  const EventDraft draft = saved(repository);  // its event is leased
  Shell shell{folder.database};
  shell.run("BEGIN IMMEDIATE");
  const int before = DiskFaults::syncs;
  const Deadline soon = Deadline::after(std::chrono::milliseconds{1500});
  CHECK(repository.claim(10, long_time, soon).value().empty());
  CHECK(repository.settle({}, soon));
  CHECK(repository.stats(soon).value().pending == 1);
  CHECK(repository.parked(std::nullopt, 10, soon).value().empty());
  CHECK(repository.find(draft.id, soon));
  CHECK_FALSE(soon.expired());
  shell.run("ROLLBACK");
  CHECK(settle(repository, Settlement::published({{draft.id, EventType::event_draft_created}, LeaseToken{1}})));
  CHECK(repository.remove_published({}, 10, in_good_time()).value() == 0);
  CHECK_FALSE(repository.replay({draft.id, EventType::event_draft_created}, in_good_time()).value());
  CHECK(DiskFaults::syncs == before);
}

template <class T>
std::optional<Error> failure_of(const Result<T>& result) {
  return result ? std::nullopt : std::optional{result.assume_error()};
}

/// One call that writes, over a repository that is ready for it, and what can be seen of its effect.
struct Write {
  const char* name;
  std::function<void(SqliteDraftRepository&)> prepare;
  std::function<std::optional<Error>(SqliteDraftRepository&)> call;
  const char* seen;
  std::string before;
  std::string after;
};

std::vector<Write> writes() {
  const EventId first{DraftId::numbered(1), EventType::event_draft_created};
  const auto save = [](SqliteDraftRepository& repository) { saved_due(repository, sample_user); };
  const auto park = [=](SqliteDraftRepository& repository) {
    save(repository);
    REQUIRE(settle(repository, Settlement::parked(one_claimed(repository).lease(), Errc::event_rejected)));
  };
  const auto publish = [=](SqliteDraftRepository& repository) {
    save(repository);
    REQUIRE(settle(repository, Settlement::published(one_claimed(repository).lease())));
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  };
  const auto publish_later = [=](SqliteDraftRepository& repository) {
    save(repository);
    repository.settle_later(Settlement::published(one_claimed(repository).lease()));
  };
  constexpr const char* drafts_windows_events =
      "SELECT (SELECT count(*) FROM drafts) || (SELECT count(*) FROM drafts WHERE status = 'APPROVED') ||"
      " (SELECT count(*) FROM in_progress_drafts) || (SELECT count(*) FROM outbox)";
  constexpr const char* events_published_parked =
      "SELECT count(*) || count(published_at) || count(parked_at) FROM outbox";
  constexpr std::chrono::milliseconds none{0};
  return {
      {"save", [](auto&) {}, [](auto& r) { return failure_of(r.save(sample_new_draft(), in_good_time())); },
       drafts_windows_events, "0000", "1011"},
      {"approve", save, [](auto& r) { return failure_of(r.approve(approval_of(sample_draft()), in_good_time())); },
       drafts_windows_events, "1011", "1102"},
      {"claim", save, [=](auto& r) { return failure_of(r.claim(10, none, in_good_time())); },
       "SELECT attempts FROM outbox", "1", "2"},
      {"settle", publish_later, [](auto& r) { return failure_of(r.settle({}, in_good_time())); },
       events_published_parked, "100", "110"},
      {"remove_published", publish, [=](auto& r) { return failure_of(r.remove_published(none, 10, in_good_time())); },
       events_published_parked, "110", "000"},
      {"replay", park, [=](auto& r) { return failure_of(r.replay(first, in_good_time())); }, events_published_parked,
       "101", "100"},
      {"discard", park, [=](auto& r) { return failure_of(r.discard(first, in_good_time())); }, events_published_parked,
       "101", "000"},
  };
}

TEST_CASE("a call whose sync fails is unknown, tells why, and can be made again") {
  for (const Write& write : writes()) {
    CAPTURE(write.name);
    Folder folder;
    {
      SqliteDraftRepository repository{folder.config()};
      write.prepare(repository);
      DiskFaults::failing_syncs = 1;
      const auto failure = write.call(repository);
      DiskFaults::failing_syncs = 0;
      CHECK(failure == unknown());
      REQUIRE_FALSE(folder.causes.empty());
      CHECK(folder.causes.back().find("disk I/O error") != std::string::npos);
      CHECK(write.call(repository) == std::nullopt);
    }
    CHECK(Shell{folder.database}.ask(write.seen) == write.after);
  }
}

TEST_CASE("a call that finds the disk full at its commit is unknown, and leaves all as it was") {
  for (const Write& write : writes()) {
    CAPTURE(write.name);
    Folder folder;
    SqliteDraftRepository repository{folder.config()};
    write.prepare(repository);
    Shell shell{folder.database};
    DiskFaults::full = true;
    const auto failure = write.call(repository);
    DiskFaults::full = false;
    CHECK(failure == unknown());
    REQUIRE_FALSE(folder.causes.empty());
    CHECK(folder.causes.back().find("full") != std::string::npos);
    CHECK(shell.ask(write.seen) == write.before);
    CHECK(write.call(repository) == std::nullopt);
    CHECK(shell.ask(write.seen) == write.after);
  }
}

TEST_CASE("a call that fails in its middle is known to have changed nothing") {
  for (const Write& write : writes()) {
    CAPTURE(write.name);
    Folder folder;
    SqliteDraftRepository repository{folder.config()};
    write.prepare(repository);
    Shell shell{folder.database};
    for (const std::string verb : {"INSERT", "UPDATE", "DELETE"}) {
      shell.run("CREATE TRIGGER no_" + verb + " BEFORE " + verb + " ON outbox BEGIN SELECT RAISE(ABORT, 'no'); END");
    }
    CHECK(write.call(repository) == Error{Errc::storage_unavailable});
    shell.run("DROP TRIGGER no_INSERT; DROP TRIGGER no_UPDATE; DROP TRIGGER no_DELETE");
    CHECK(shell.ask(write.seen) == write.before);
    CHECK(write.call(repository) == std::nullopt);
    CHECK(shell.ask(write.seen) == write.after);
  }
}

TEST_CASE("a full database takes no more approvals, and says that nothing was applied") {
  Folder folder;
  sqlite::Config config = folder.config();
  std::vector<EventDraft> drafts;
  {
    SqliteDraftRepository repository{config};
    for (std::int64_t user = 1; user <= 100; ++user) drafts.push_back(saved(repository, user));
  }
  config.max_pages = std::stoi(Shell{folder.database}.ask("PRAGMA page_count"));
  SqliteDraftRepository repository{config};
  std::size_t approvals = 0;
  const auto approve_next = [&] { return repository.approve(approval_of(drafts.at(approvals)), in_good_time()); };
  auto last = approve_next();
  for (; last; last = approve_next()) ++approvals;
  CHECK(last.assume_error() == Error{Errc::storage_unavailable});
  CHECK(folder.causes.back().find("full") != std::string::npos);
  CHECK(found(repository, drafts[approvals].id) == drafts[approvals]);
  Shell shell{folder.database};
  CHECK(shell.ask("SELECT count(*) FROM drafts WHERE status = 'APPROVED'") == std::to_string(approvals));
  CHECK(shell.ask("SELECT count(*) FROM outbox WHERE type = 'EventCreated'") == std::to_string(approvals));
}

TEST_CASE("an approval whose commit is unknown makes one event when it is tried again") {
  Folder folder;
  {
    SqliteDraftRepository repository{folder.config()};
    const EventDraft draft = saved(repository);
    DiskFaults::failing_syncs = 1;
    CHECK(error_of(repository.approve(approval_of(draft), in_good_time())) == unknown());
    DiskFaults::failing_syncs = 0;
    const auto again = repository.approve(approval_of(draft), in_good_time()).value();
    REQUIRE(again);
    CHECK(again->draft == approved(draft));
  }
  SqliteDraftRepository reopened{folder.config()};
  CHECK(found(reopened, DraftId::numbered(1)) == approved(sample_draft()));
  CHECK(Shell{folder.database}.ask("SELECT count(*) FROM outbox WHERE type = 'EventCreated'") == "1");
}

TEST_CASE("spans past all reason are taken as long ones") {
  Folder folder;
  SqliteDraftRepository repository{folder.config()};
  NewEventDraft draft = sample_new_draft(1);
  draft.window = draft.event_lease = std::chrono::milliseconds::max();
  REQUIRE(repository.save(draft, in_good_time()));
  saved_due(repository, 2);
  const Events events = claimed(repository, std::chrono::milliseconds::max());
  REQUIRE(events.size() == 1);
  CHECK(settle(repository, Settlement::retry(events[0].lease(), std::chrono::milliseconds::max(), true, {})));
  CHECK(claimed(repository).empty());
  CHECK(repository.remove_published(std::chrono::milliseconds::max(), 10, in_good_time()).value() == 0);
  CHECK(folder.causes.empty());
}

/// The lines of a query's plan.
std::vector<std::string> plan_of(const std::filesystem::path& path, std::string_view sql) {
  sqlite3* raw = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &raw) == SQLITE_OK);
  const sqlite::Database database{raw};
  const sqlite::Statement statement{raw, "EXPLAIN QUERY PLAN " + std::string{sql}};
  sqlite::Execution row{statement};
  std::vector<std::string> lines;
  while (row.step() == SQLITE_ROW) lines.emplace_back(row.text(3));
  return lines;
}

TEST_CASE("nothing reads the whole outbox, nor sorts, however many published events it keeps") {
  const Folder folder;
  { const SqliteDraftRepository repository{{folder.database}}; }
  using namespace sqlite;
  for (const std::string_view statement :
       {sql::insert_event, sql::is_unpublished, sql::has_due, sql::due, sql::claim, sql::park_corrupt,
        sql::settle_published, sql::settle_retry, sql::settle_parked, sql::release, sql::remove_published, sql::pending,
        sql::count_parked, sql::parked, sql::replay, sql::discard}) {
    CAPTURE(statement);
    for (const std::string& line : plan_of(folder.database, statement)) {
      CAPTURE(line);
      const bool reads_what_it_counts = line.ends_with("USING COVERING INDEX outbox_pending") ||
                                        line.ends_with("USING INDEX outbox_parked") ||
                                        line.starts_with("SCAN (subquery");  // the bounded part of them
      CHECK((!line.starts_with("SCAN") || reads_what_it_counts));
      CHECK(line.find("TEMP B-TREE FOR") == std::string::npos);
    }
  }
}

}  // namespace
