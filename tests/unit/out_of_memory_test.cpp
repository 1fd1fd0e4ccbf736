// Every allocation of every operation fails once, alone and together with all that come after it. Whatever the operation
// then says: what it acknowledged is stored, what is stored is delivered, nothing leaks, and everything goes on working.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <event_draft/controller.hpp>
#include <event_draft/outbox_relay.hpp>
#include <event_draft/service.hpp>
#include <event_draft/settlement_queue.hpp>
#include <event_draft/testing/fakes.hpp>
#include <event_draft/testing/samples.hpp>

#include "allocation_limit.hpp"

using namespace event_draft;
using namespace event_draft::testing;
using namespace std::chrono_literals;
using test::AllocationLimit;
using test::Refuse;

namespace {

constexpr std::string_view body =
    R"({"userId":123,"objective":"신규 고객 유치","storeName":"맛있는집","industry":"음식점","address":"서울시 강남구"})";

using FakePublisher = FakeEventPublisher<VirtualClock>;

struct FakeBatchPublisher : FakePublisher {
  using FakePublisher::FakePublisher;

  void publish_all(std::span<const EventMessage> messages, std::span<Result<void>> results, Deadline deadline) {
    for (std::size_t i = 0; i != messages.size(); ++i) results[i] = publish(messages[i], deadline);
  }
};

static_assert(BatchEventPublisher<FakeBatchPublisher>);

/// All there is, over the fakes.
template <class Publisher = FakePublisher>
struct LimitedShop {
  VirtualClock clock;
  FakeDraftRepository<VirtualClock> repository{clock};
  FakeDraftCache<VirtualClock> cache{clock};
  Publisher publisher{clock};
  EventDraftService<decltype(repository), decltype(cache), Publisher, VirtualClock> service{
      repository, cache, publisher, {}, clock};
  EventController<decltype(service)> controller{service};
  OutboxRelay<decltype(repository), Publisher, VirtualClock> relay{repository, publisher, {}, clock};

  [[nodiscard]] Deadline soon() const { return Deadline{clock.steady_now() + 1s}; }
};

/// Stores a draft whose event nobody has published.
template <class Publisher>
EventDraft store_unpublished(LimitedShop<Publisher>& shop, std::int64_t user_id = sample_user) {
  return shop.repository.save(sample_new_draft(user_id), shop.soon()).value().draft;
}

template <class Publisher>
void approve_unpublished(LimitedShop<Publisher>& shop, const EventDraft& draft) {
  const DraftApproval approval{draft.id, draft.user_id, shop.clock.now()};
  REQUIRE(shop.repository.approve(approval, shop.soon()).value().has_value());
}

/// Where the event was published first.
std::optional<std::size_t> first_place(const std::vector<RecordedMessage>& messages, const EventId& id) {
  const auto is_it = [&](const RecordedMessage& message) { return message.id == to_text(id).view(); };
  const auto found = std::find_if(messages.begin(), messages.end(), is_it);
  if (found == messages.end()) return std::nullopt;
  return static_cast<std::size_t>(found - messages.begin());
}

/// A relay that nothing disturbs delivers all that is stored, each draft's events in their order, and nothing else.
template <class Publisher>
void check_delivery(LimitedShop<Publisher>& shop) {
  for (int pass = 0; pass != 10; ++pass) {
    shop.clock.advance(1min);
    CHECK_FALSE(shop.relay.run_once().error.has_value());
  }
  CHECK(shop.repository.stats(shop.soon()).value() == OutboxStats{});
  const auto messages = shop.publisher.messages();
  std::size_t known = 0;
  for (const EventDraft& draft : shop.repository.drafts()) {
    const auto created = first_place(messages, {draft.id, EventType::event_draft_created});
    const auto approved = first_place(messages, {draft.id, EventType::event_created});
    REQUIRE(created.has_value());
    CHECK(approved.has_value() == (draft.status == DraftStatus::approved));
    CHECK(approved.value_or(messages.size()) > *created);
    const auto is_of_draft = [&](const RecordedMessage& message) { return message.key == draft.id.view(); };
    known += static_cast<std::size_t>(std::count_if(messages.begin(), messages.end(), is_of_draft));
  }
  CHECK(known == messages.size());  // no event without its draft
}

/// Users that had nothing to do with it are served, with memory for everything.
template <class Publisher>
void check_going_on(LimitedShop<Publisher>& shop) {
  const auto receipt = shop.service.create_event_draft(sample_command(999));
  REQUIRE(receipt.has_value());
  CHECK(receipt.value().event == EventDelivery::acknowledged);
  CHECK(receipt.value().degraded.empty());
  const DraftId& id = receipt.value().draft.id;
  CHECK(shop.service.find_event_draft(id, 999).value().draft == receipt.value().draft);
  CHECK(shop.service.approve_event_draft(id, 999).value().event == EventDelivery::acknowledged);
}

/// Runs `operation(shop)` out of memory at every allocation that it makes, `prepare` and `check(shop, result, reached)` with
/// all there is. Gives how many allocations the operation makes.
template <class Publisher = FakePublisher, class Prepare, class Operation, class Check>
std::size_t run_out(Prepare prepare, Operation operation, Check check) {
  std::size_t allowed = 0;
  for (const Refuse refuse : {Refuse::one, Refuse::rest}) {
    for (allowed = 0;; ++allowed) {
      REQUIRE(allowed < 500);
      const std::size_t live = test::live_allocations();
      bool reached = false;
      {
        LimitedShop<Publisher> shop;
        prepare(shop);
        const auto limited = test::run_limited(allowed, refuse, [&] { return operation(shop); });
        reached = limited.reached;
        check(shop, limited.given, reached);
        check_delivery(shop);
        check_going_on(shop);
      }
      CHECK(test::live_allocations() == live);
      if (!reached) break;
    }
  }
  return allowed;
}

constexpr auto unprepared = [](auto&) {};
constexpr auto create_draft = [](auto& shop) { return shop.service.create_event_draft(sample_command()); };

/// Whatever a creation says is so.
constexpr auto check_creation = [](auto& shop, const Result<Receipt>& receipt, bool) {
  const auto drafts = shop.repository.drafts();
  CHECK(drafts.size() <= 1);
  if (receipt) {
    CHECK(drafts == std::vector{receipt.value().draft});
    const bool is_published = shop.publisher.size() != 0;
    if (receipt.value().event == EventDelivery::acknowledged) CHECK(is_published);
  } else {
    CHECK(receipt.error().code == Errc::storage_unavailable);
    CHECK(receipt.error().certainty != Certainty::applied);
    if (receipt.error().certainty == Certainty::not_applied) CHECK(drafts.empty());
  }
  const auto again = shop.service.create_event_draft(sample_command());
  REQUIRE(again.has_value());
  CHECK(shop.repository.drafts() == std::vector{again.value().draft});  // one draft, however often it is asked for
};

constexpr auto check_approval = [](auto& shop, const Result<ApprovalReceipt>& receipt, bool) {
  const DraftStatus status = shop.repository.drafts().front().status;
  if (receipt) {
    CHECK(status == DraftStatus::approved);
    CHECK(receipt.value().draft.status == DraftStatus::approved);
  } else {
    CHECK(receipt.error().code == Errc::storage_unavailable);
    CHECK(receipt.error().certainty != Certainty::applied);
    if (receipt.error().certainty == Certainty::not_applied) CHECK(status == DraftStatus::draft);
  }
  const auto again = shop.service.approve_event_draft(DraftId::numbered(1), sample_user);
  REQUIRE(again.has_value());
  CHECK(again.value().draft.status == DraftStatus::approved);
};

constexpr auto approve_draft = [](auto& shop) {
  return shop.service.approve_event_draft(DraftId::numbered(1), sample_user);
};

/// Several drafts whose events are due, one of them approved.
constexpr auto leave_to_the_relay = [](auto& shop) {
  for (std::int64_t user = 1; user <= 4; ++user) store_unpublished(shop, user);
  approve_unpublished(shop, shop.repository.drafts().front());
  shop.clock.advance(1min);
};

constexpr auto run_relay = [](auto& shop) { return shop.relay.run_once(); };

constexpr auto check_pass = [](auto& shop, const RelayPass& pass, bool reached) {
  if (pass.error) CHECK(reached);  // not the other way round: a sort makes do without memory
  CHECK(pass.parked == 0);
  CHECK(pass.published <= shop.publisher.size());
  CHECK(pass.published + pass.retried == pass.claimed);
};

/// What the bytes say is so: 200 only for what is done, and an error in words or in none.
constexpr auto check_response = [](auto& shop, const ApiResponse& response, bool reached) {
  if (response.status == 200) {
    CHECK(response.body.starts_with(R"({"eventDraftId":"draft-1",)"));
    CHECK(shop.repository.size() == 1);
  } else {
    CHECK(reached);
    const bool is_known = response.status == 500 || response.status == 503;
    CHECK(is_known);
    CHECK((response.body.empty() || response.body.starts_with(R"({"code":")")));
  }
};

}  // namespace

TEST_SUITE("out of memory" * doctest::skip(!test::replaceable_new)) {
  TEST_CASE("a creation") { CHECK(run_out(unprepared, create_draft, check_creation) > 5); }

  TEST_CASE("a creation that meets its draft in the cache") {
    const auto prepare = [](auto& shop) { REQUIRE(create_draft(shop).has_value()); };
    const auto check = [](auto& shop, const Result<Receipt>& receipt, bool reached) {
      REQUIRE(receipt.has_value());  // without the cache the repository knows it
      CHECK(receipt.value().origin == Origin::in_progress);
      CHECK(receipt.value().degraded.empty() == !reached);
      check_creation(shop, receipt, reached);
    };
    CHECK(run_out(prepare, create_draft, check) > 0);
  }

  TEST_CASE("a creation that meets its draft in the repository") {
    const auto prepare = [](auto& shop) { store_unpublished(shop); };
    CHECK(run_out(prepare, create_draft, check_creation) == 0);  // a look-up, and a miss: neither takes memory
  }

  TEST_CASE("a creation that is refused") {
    const auto refused = [](auto& shop) { return shop.service.create_event_draft(with_objective("무료 나눔")); };
    const auto check = [](auto& shop, const Result<Receipt>& receipt, bool) {
      REQUIRE_FALSE(receipt.has_value());
      CHECK(receipt.error() == Error{Errc::invalid_objective, {Field::objective}});
      CHECK(shop.repository.size() == 0);
    };
    CHECK(run_out(unprepared, refused, check) == 0);
  }

  TEST_CASE("a read") {
    const auto prepare = [](auto& shop) { store_unpublished(shop); };
    const auto find = [](auto& shop) { return shop.service.find_event_draft(DraftId::numbered(1), sample_user); };
    const auto check = [](auto&, const Result<FoundDraft>& found, bool reached) {
      REQUIRE(found.has_value());  // the cache is not needed
      CHECK(found.value().draft == sample_draft());
      CHECK(found.value().degraded.empty() == !reached);
    };
    CHECK(run_out(prepare, find, check) > 0);

    const auto prepare_hit = [&](auto& shop) {
      prepare(shop);
      REQUIRE_FALSE(find(shop).value().from_cache);
    };
    CHECK(run_out(prepare_hit, find, check) > 0);
  }

  TEST_CASE("an approval") {
    const auto prepare = [](auto& shop) { REQUIRE(create_draft(shop).has_value()); };
    CHECK(run_out(prepare, approve_draft, check_approval) > 5);

    const auto prepare_unpublished = [](auto& shop) { store_unpublished(shop); };
    CHECK(run_out(prepare_unpublished, approve_draft, check_approval) > 2);
  }

  TEST_CASE("a pass of the relay") {
    CHECK(run_out(leave_to_the_relay, run_relay, check_pass) > 20);
    CHECK(run_out<FakeBatchPublisher>(leave_to_the_relay, run_relay, check_pass) > 20);
  }

  TEST_CASE("a relay that has no memory for a claim takes nothing") {
    LimitedShop shop;
    leave_to_the_relay(shop);
    const auto claim = [&] { return shop.repository.claim(10, 1s, shop.soon()); };
    std::size_t allowed = 0;
    for (;; ++allowed) {
      std::optional<Result<std::vector<LeasedEvent>>> claimed;
      try {
        const AllocationLimit limit{allowed};
        claimed = claim();
      } catch (const std::bad_alloc&) {
        continue;
      }
      REQUIRE(claimed->has_value());
      CHECK(claimed->value().size() == 4);
      for (const LeasedEvent& event : claimed->value()) CHECK(event.attempts == 2);  // the request's, and this one
      break;
    }
    CHECK(allowed > 0);
  }

  TEST_CASE("a save stores all or nothing") {
    LimitedShop shop;
    std::size_t allowed = 0;
    for (;; ++allowed) {
      std::optional<Result<SavedDraft>> saved;
      try {
        const AllocationLimit limit{allowed};
        saved = shop.repository.save(sample_new_draft(), shop.soon());
      } catch (const std::bad_alloc&) {
        CHECK(shop.repository.size() == 0);
        CHECK(shop.repository.stats(shop.soon()).value() == OutboxStats{});
        continue;
      }
      CHECK(saved->value().inserted);  // no earlier try holds the window
      CHECK(saved->value().draft == sample_draft());
      break;
    }
    CHECK(allowed == 3);  // draft, claim and event
  }

  TEST_CASE("requests of the controller") {
    const auto create_one = [](auto& shop) { return shop.controller.create({.body = body}); };
    CHECK(run_out(unprepared, create_one, check_response) > 5);

    const auto prepare = [](auto& shop) { REQUIRE(create_draft(shop).has_value()); };
    const auto find_one = [](auto& shop) { return shop.controller.find("draft-1", "123", {}); };
    CHECK(run_out(prepare, find_one, check_response) > 0);

    const auto approve_one = [](auto& shop) { return shop.controller.approve("draft-1", "123", {}); };
    CHECK(run_out(prepare, approve_one, check_response) > 5);
  }
}

namespace {

Settlement settlement(std::uint64_t number) {
  return Settlement::published({{DraftId::numbered(number), EventType::event_draft_created}, LeaseToken{1}});
}

std::vector<std::uint64_t> numbers(SettlementQueue& queue) {
  std::vector<std::uint64_t> found;
  for (const Settlement& each : queue.take()) {
    for (std::uint64_t number = 1; number <= 4; ++number) {
      if (each == settlement(number)) found.push_back(number);
    }
  }
  return found;
}

}  // namespace

TEST_CASE("a settlement queue that has no memory forgets what comes, and nothing that it has" *
          doctest::skip(!test::replaceable_new)) {
  SettlementQueue queue;
  queue.push(settlement(1));
  {
    const AllocationLimit limit{0};
    queue.push(settlement(2));
  }
  queue.push(settlement(3));
  CHECK(numbers(queue) == std::vector<std::uint64_t>{1, 3});
}

TEST_CASE("what is put back into a settlement queue without memory is kept before what came since" *
          doctest::skip(!test::replaceable_new)) {
  const std::size_t live = test::live_allocations();
  {
    SettlementQueue queue;
    queue.push(settlement(1));
    queue.push(settlement(2));
    auto taken = queue.take();
    queue.push(settlement(3));
    {
      const AllocationLimit limit{0};
      queue.put_back(std::move(taken));
    }
    queue.push(settlement(4));
    CHECK(numbers(queue) == std::vector<std::uint64_t>{1, 2, 4});
  }
  CHECK(test::live_allocations() == live);
}

namespace {

/// An outbox and a publisher that allocate nothing while they are called: whatever is counted is the relay's own.
struct Still {
  std::vector<LeasedEvent> due;
  Result<void> answer = success();
  std::size_t settled = 0;

  void settle_later(const Settlement&) noexcept {}
  Result<std::vector<LeasedEvent>> claim(std::size_t, std::chrono::milliseconds, Deadline) {
    return std::exchange(due, {});
  }
  Result<void> settle(std::span<const Settlement> settlements, Deadline) {
    settled += settlements.size();
    return success();
  }
  Result<void> publish(const EventMessage&, Deadline) { return answer; }
};

struct StillBatch : Still {
  void publish_all(std::span<const EventMessage>, std::span<Result<void>> results, Deadline) {
    std::fill(results.begin(), results.end(), answer);
  }
};

std::vector<LeasedEvent> due_events(std::size_t count, int attempts) {
  return {count, LeasedEvent{draft_created(sample_draft()), LeaseToken{1}, attempts}};
}

}  // namespace

TEST_CASE_TEMPLATE("a relay's pass allocates nothing of its own, however it goes" *
                       doctest::skip(!test::replaceable_new),
                   Port, Still, StillBatch) {
  const RelayOptions options{.batch = 8, .most_per_second = 1'000'000};
  for (const Result<void> answer : {Result<void>{success()}, Result<void>{Errc::event_rejected},
                                    Result<void>{Error{Errc::publisher_unavailable, {}, Certainty::unknown}}}) {
    for (const int attempts : {1, options.most_attempts, options.most_attempts + 1}) {
      Port port;
      port.answer = answer;
      port.due = due_events(options.batch, attempts);
      VirtualClock clock;
      OutboxRelay relay{port, port, options, clock};
      static_assert(noexcept(relay.run_once()));
      const std::size_t before = test::allocations();
      const RelayPass pass = relay.run_once();
      const std::size_t after = test::allocations();
      CHECK(after == before);
      CHECK(pass.claimed == options.batch);
      CHECK(port.settled == options.batch);
    }
  }
}
