#include <doctest/doctest.h>

#include <adapters/postgres/outbox_listener.hpp>
#include <array>
#include <atomic>
#include <chrono>
#include <event_draft/testing/contracts/law.hpp>
#include <initializer_list>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "postgres_fixture.hpp"
#include "standstills.hpp"

// The outbox in PostgreSQL: what its contract can't know. Bad rows, several processes, who waits for whom, notifications.
namespace {

using namespace event_draft;
using namespace event_draft::testing;
using std::chrono::milliseconds;
using Events = std::vector<LeasedEvent>;

constexpr std::chrono::hours long_time{1};

EventDraft saved_due(PostgresDraftRepository& repository, std::int64_t user) {
  NewEventDraft draft = sample_new_draft(user);
  draft.event_lease = {};
  const auto result = repository.save(draft, in_good_time());
  REQUIRE(result);
  return result.assume_value().draft;
}

Events claimed(PostgresDraftRepository& repository, milliseconds time = long_time) {
  auto result = repository.claim(1000, time, in_good_time());
  REQUIRE(result);
  return std::move(result).assume_value();
}

Result<void> settle(PostgresDraftRepository& repository, const Settlement& settlement) {
  return repository.settle(std::array{settlement}, in_good_time());
}

Settlement put_back(const LeasedEvent& event) {
  return Settlement::retry(event.lease(), {}, false, Errc::publisher_unavailable);
}

DraftApproval approval_of(const EventDraft& draft) { return {draft.id, draft.user_id, draft.created_at}; }

struct Damage {
  const char* sql;
  const char* name;  // in what is told
  bool has_a_name;   // in the domain
};

TEST_CASE("an event that can't be told is parked and named, and the rest goes on") {
  for (const Damage& damage : std::initializer_list<Damage>{
           {"UPDATE outbox SET type = 'EventDeleted' WHERE draft_id = 2", "draft-2.EventDeleted ", false},
           {"UPDATE outbox SET type = E'a\\nÿb' WHERE draft_id = 2", "draft-2.a???b ", false},
           {"UPDATE outbox SET type = '' WHERE draft_id = 2", "draft-2. ", false},
           {"UPDATE outbox SET draft_id = -7 WHERE draft_id = 2", "draft--7.EventDraftCreated ", false},
           {"UPDATE outbox SET trace = 'none' WHERE draft_id = 2", "draft-2.EventDraftCreated ", true},
           {"UPDATE outbox SET occurred_at = 'infinity' WHERE draft_id = 2", "draft-2.EventDraftCreated ", true},
           {"UPDATE outbox SET attempts = -9 WHERE draft_id = 2", "draft-2.EventDraftCreated ", true},
           {"UPDATE drafts SET objective = '무료 나눔' WHERE id = 2", "draft-2.EventDraftCreated ", true},
           {"UPDATE drafts SET user_id = -5 WHERE id = 2", "draft-2.EventDraftCreated ", true},
           {"UPDATE drafts SET created_at = '-infinity' WHERE id = 2", "draft-2.EventDraftCreated ", true},
           {"DELETE FROM drafts WHERE id = 2", "draft-2.EventDraftCreated ", true}}) {
    CAPTURE(damage.sql);
    Database all;
    const EventDraft first = saved_due(all.repository, 1);
    saved_due(all.repository, 2);
    const EventDraft third = saved_due(all.repository, 3);
    all.shell.run(no_checks);
    all.shell.run(damage.sql);

    const Events events = claimed(all.repository);
    REQUIRE(events.size() == 2);
    CHECK(events[0].event == draft_created(first));
    CHECK(events[1].event == draft_created(third));
    const auto causes = all.causes.take();
    REQUIRE(causes.size() == 1);
    CHECK_MESSAGE(causes[0].find(damage.name) == 0, causes[0]);
    CHECK(causes[0].find("breaks the domain's rules; it is parked") != std::string::npos);

    CHECK(all.repository.stats(in_good_time()).value().parked == 1);
    for (const LeasedEvent& each : events) CHECK(settle(all.repository, put_back(each)));
    CHECK(claimed(all.repository).size() == 2);
    CHECK(all.causes.take().empty());  // it is told once

    const auto parked = all.repository.parked(std::nullopt, 10, in_good_time()).value();
    REQUIRE(parked.size() == (damage.has_a_name ? 1U : 0U));
    CHECK(all.causes.take().size() == (damage.has_a_name ? 0U : 1U));  // or it is told where it can't be listed
    if (damage.has_a_name) CHECK(parked[0].reason == Errc::corrupt_draft);
  }
}

TEST_CASE("the greatest number of attempts stops nothing") {
  Database all;
  saved_due(all.repository, 1);
  all.shell.run("UPDATE outbox SET attempts = 2147483647");
  const Events events = claimed(all.repository);
  REQUIRE(events.size() == 1);
  CHECK(events[0].attempts == 2147483647);
}

TEST_CASE("a corrupt row among the parked is left out of the list and told, and the pages go on") {
  Database all;
  for (std::int64_t user = 1; user <= 5; ++user) saved_due(all.repository, user);
  for (const LeasedEvent& each : claimed(all.repository)) {
    CHECK(settle(all.repository, Settlement::parked(each.lease(), Errc::event_rejected)));
  }
  all.shell.run(no_checks);
  all.shell.run("UPDATE outbox SET type = 'EventDeleted' WHERE draft_id IN (1, 2)");
  const auto first = all.repository.parked(std::nullopt, 2, in_good_time()).value();
  REQUIRE(first.size() == 2);
  CHECK(first[0].id.draft_id == DraftId::numbered(3));
  CHECK(first[1].id.draft_id == DraftId::numbered(4));
  CHECK(all.causes.take().size() == 2);
  CHECK(all.repository.parked(first[1].id, 2, in_good_time()).value().size() == 1);
}

TEST_CASE("two processes that claim from one outbox never have the same event while it is leased") {
  Database all;
  PostgresDraftRepository other{all.config()};
  constexpr std::size_t drafts = 300;
  for (std::size_t user = 1; user <= drafts; ++user) saved_due(all.repository, static_cast<std::int64_t>(user));
  std::mutex mutex;
  std::set<EventId> leased;
  std::atomic<std::size_t> twice = 0;
  std::atomic<std::size_t> published = 0;
  const auto relay = [&](PostgresDraftRepository& repository) -> Result<void> {
    while (published < drafts) {
      BOOST_OUTCOME_TRY(const Events events, repository.claim(10, long_time, in_good_time()));
      std::vector<Settlement> settlements;
      for (const LeasedEvent& each : events) {
        const std::lock_guard lock{mutex};
        if (!leased.insert(each.event.id).second) ++twice;
        settlements.push_back(Settlement::published(each.lease()));
      }
      BOOST_OUTCOME_TRY(repository.settle(settlements, in_good_time()));
      published += events.size();
    }
    return success();
  };
  const auto outcomes =
      contracts::at_once(6, [&](std::size_t i) { return relay(i % 2 == 0 ? all.repository : other); });
  for (const auto& outcome : outcomes) CHECK(*outcome);
  CHECK(twice == 0);
  CHECK(published == drafts);
  CHECK(all.shell.ask("SELECT count(*) FROM outbox WHERE published_at IS NULL") == "0");
}

TEST_CASE("an approval while the first event is being settled leaves no event waiting for ever") {
  Database all;
  PostgresDraftRepository other{all.config()};
  constexpr std::int64_t drafts = 150;
  for (std::int64_t user = 1; user <= drafts; ++user) {
    const auto saved = all.repository.save(sample_new_draft(user), in_good_time()).value();
    const EventLease lease{{saved.draft.id, EventType::event_draft_created}, *saved.lease};
    DraftApproval approval = approval_of(saved.draft);
    approval.event_lease = {};
    const auto outcomes = contracts::at_once(2, [&](std::size_t i) -> Result<void> {
      if (i == 0) return settle(all.repository, Settlement::published(lease));
      BOOST_OUTCOME_TRY(other.approve(approval, in_good_time()));
      return success();
    });
    for (const auto& outcome : outcomes) REQUIRE(*outcome);
  }
  CHECK(all.shell.ask("SELECT count(*) FROM outbox WHERE available_at IS NULL") == "0");
  CHECK(claimed(all.repository).size() == drafts);
}

TEST_CASE("who approves waits for who settles, and the other way round, and each sees what the other did") {
  Database all;
  SUBCASE("settled first") {
    const EventDraft draft = saved(all.repository);
    const auto approved = while_open(all.shell, "UPDATE outbox SET published_at = now(), lease = 0",
                                     [&] { return all.repository.approve(approval_of(draft), in_good_time()); });
    REQUIRE(approved.value());
    CHECK(approved.value()->lease);  // nothing goes before it any more
  }
  SUBCASE("approved first") {
    const auto saved = all.repository.save(sample_new_draft(), in_good_time()).value();
    const EventLease lease{{saved.draft.id, EventType::event_draft_created}, *saved.lease};
    const auto settled = while_open(all.shell,
                                    "SELECT FROM outbox FOR UPDATE; INSERT INTO outbox VALUES (1, 'EventCreated', "
                                    "now(), NULL, 0, NULL, 0, NULL, NULL, NULL)",
                                    [&] { return settle(all.repository, Settlement::published(lease)); });
    CHECK(settled);
    const Events events = claimed(all.repository);
    REQUIRE(events.size() == 1);
    CHECK(events[0].event.id.type == EventType::event_created);
  }
}

TEST_CASE("many settlements at once are all written") {
  Database all;
  constexpr std::size_t drafts = 2500;
  all.shell.run(
      "INSERT INTO drafts (user_id, objective, store_name, industry, address, status, created_at) "
      "SELECT n, '매출 증대', 'a', 'b', 'c', 'DRAFT', now() FROM generate_series(1, 2500) n");
  all.shell.run(
      "INSERT INTO outbox SELECT id, 'EventDraftCreated', now(), NULL, 1, now(), id, NULL, NULL, NULL FROM drafts");
  for (std::size_t i = 1; i <= drafts; ++i) {
    all.repository.settle_later(Settlement::published(
        {{DraftId::numbered(i), EventType::event_draft_created}, LeaseToken{static_cast<std::int64_t>(i)}}));
  }
  CHECK(all.repository.settle({}, in_good_time()));
  CHECK(all.shell.ask("SELECT count(*) FROM outbox WHERE published_at IS NOT NULL") == "2500");
}

TEST_CASE("a settlement that fails is kept, and written with the next") {
  Database all;
  const auto saved = all.repository.save(sample_new_draft(), in_good_time()).value();
  all.repository.settle_later(Settlement::published({{saved.draft.id, EventType::event_draft_created}, *saved.lease}));
  all.shell.run("BEGIN; SELECT FROM outbox FOR UPDATE");
  CHECK(error_of(all.repository.settle({}, Deadline::after(milliseconds{200}))).code == Errc::deadline_exceeded);
  all.shell.run("COMMIT");
  CHECK(all.repository.settle({}, in_good_time()));
  CHECK(all.shell.ask("SELECT count(*) FROM outbox WHERE published_at IS NOT NULL") == "1");
}

TEST_CASE("what changes nothing writes nothing") {
  Database all;
  const EventDraft draft = saved(all.repository);  // its event is leased
  const auto last_transaction = [&] { return all.shell.ask("SELECT pg_snapshot_xmax(pg_current_snapshot())"); };
  const std::string before = last_transaction();
  CHECK(claimed(all.repository).empty());
  CHECK(all.repository.settle({}, in_good_time()));
  CHECK(settle(all.repository, Settlement::published({{draft.id, EventType::event_draft_created}, LeaseToken{1}})));
  CHECK(all.repository.remove_published({}, 10, in_good_time()).value() == 0);
  CHECK_FALSE(all.repository.save(sample_new_draft(), in_good_time()).value().inserted);
  CHECK_FALSE(all.repository.replay({draft.id, EventType::event_draft_created}, in_good_time()).value());
  CHECK(last_transaction() == before);
}

bool is_notified(postgres::OutboxListener& listener, milliseconds span) { return listener.wait(Deadline::after(span)); }

TEST_CASE("a listener hears of what has become due, and of nothing else") {
  Database all;
  postgres::OutboxListener listener{all.schema.url(), all.causes.collector()};
  CHECK(is_notified(listener, std::chrono::seconds{5}));  // connected: something may have been missed
  const auto saved = all.repository.save(sample_new_draft(), in_good_time()).value();
  CHECK(all.repository.approve(approval_of(saved.draft), in_good_time()));
  CHECK_FALSE(is_notified(listener, milliseconds{100}));  // the request publishes its event, the other one waits
  CHECK(
      settle(all.repository, Settlement::published({{saved.draft.id, EventType::event_draft_created}, *saved.lease})));
  CHECK(is_notified(listener, std::chrono::seconds{5}));
  const Events events = claimed(all.repository);
  REQUIRE(events.size() == 1);
  CHECK(settle(all.repository, Settlement::parked(events[0].lease(), Errc::event_rejected)));
  CHECK_FALSE(is_notified(listener, milliseconds{100}));
  CHECK(all.repository.replay(events[0].event.id, in_good_time()).value());
  CHECK(is_notified(listener, std::chrono::seconds{5}));
  CHECK(all.causes.take().empty());
}

TEST_CASE("a listener whose connection is ended connects again, and says so once") {
  Database all;
  postgres::OutboxListener listener{all.schema.url(), all.causes.collector()};
  CHECK(is_notified(listener, std::chrono::seconds{5}));
  all.schema.end_connections();
  CHECK(is_notified(listener, std::chrono::seconds{5}));
  CHECK_FALSE(is_notified(listener, milliseconds{50}));
  CHECK(all.causes.take().size() == 1);
}

TEST_CASE("a listener without a server waits until its deadline, and tries now and then") {
  Causes causes;
  postgres::OutboxListener listener{"postgresql://127.0.0.1:1/x", causes.collector()};
  Standstills standstills;
  const Deadline deadline = Deadline::after(milliseconds{400});
  CHECK_FALSE(listener.wait(deadline));
  CHECK(deadline.expired());
  CHECK(standstills.without(deadline.at(), std::chrono::steady_clock::now()) < milliseconds{100});
  const std::size_t tries = causes.take().size();
  CHECK(tries >= 2);
  CHECK(tries <= 6);
}

}  // namespace
