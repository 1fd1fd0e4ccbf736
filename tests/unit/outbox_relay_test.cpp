#include <event_draft/outbox_relay.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <event_draft/settlement_queue.hpp>
#include <event_draft/testing/faults.hpp>
#include <event_draft/testing/mocks.hpp>

using namespace event_draft;
using namespace event_draft::testing;
using namespace std::chrono_literals;

namespace {

constexpr Deadline no_deadline{SteadyTime::max()};

/// Acknowledges what it is not told to answer otherwise, and remembers what it was asked. Thread-safe.
struct Broker {
  std::function<Result<void>(const EventMessage&)> answer = [](const EventMessage&) { return success(); };

  Result<void> publish(const EventMessage& message, Deadline deadline) {
    {
      const std::lock_guard lock{mutex};
      asked.emplace_back(message.id());
      deadlines.push_back(deadline);
    }
    auto answered = answer(message);
    const std::lock_guard lock{mutex};
    if (answered) acknowledged.emplace_back(message.id());
    return answered;
  }

  void is_down() {
    answer = [](const EventMessage&) { return Errc::publisher_unavailable; };
  }
  void is_up() {
    answer = [](const EventMessage&) { return success(); };
  }
  /// All but this one are acknowledged.
  void fails_one(std::string id, Error error) {
    answer = [id = std::move(id), error](const EventMessage& message) -> Result<void> {
      if (message.id() == id) return error;
      return success();
    };
  }

  std::mutex mutex;
  std::vector<std::string> asked;
  std::vector<std::string> acknowledged;
  std::vector<Deadline> deadlines;
};

/// Takes many at once.
struct BatchBroker : Broker {
  std::vector<std::size_t> batches;
  std::size_t ends_after = 1000;  // then it throws

  void publish_all(std::span<const EventMessage> messages, std::span<Result<void>> results, Deadline deadline) {
    batches.push_back(messages.size());
    for (std::size_t i = 0; i != messages.size(); ++i) {
      if (i == ends_after) throw std::runtime_error{"reset by peer"};
      results[i] = publish(messages[i], deadline);
    }
  }
};

std::string created(std::uint64_t draft) {
  return std::string{to_text(EventId{DraftId::numbered(draft), EventType::event_draft_created}).view()};
}
std::string approval(std::uint64_t draft) {
  return std::string{to_text(EventId{DraftId::numbered(draft), EventType::event_created}).view()};
}
std::vector<std::string> created(std::uint64_t from, std::uint64_t to) {
  std::vector<std::string> ids;
  for (; from <= to; ++from) ids.push_back(created(from));
  return ids;
}
EventId id_of(std::string_view text) { return parse_event_id(text).value(); }

template <class BrokerType = Broker>
struct RelayFixture {
  VirtualClock clock{};
  FaultPlan<VirtualClock> faults{clock};
  FakeDraftRepository<VirtualClock> repository{clock};
  Faulty<FakeDraftRepository<VirtualClock>, VirtualClock> outbox{repository, faults};
  BrokerType broker{};
  RecordingObserver observer{};

  auto relay(RelayOptions options = {}) { return OutboxRelay{outbox, broker, std::move(options), clock, observer}; }

  /// Drafts whose events are due, of the users 1 to `count`.
  void store(std::int64_t count) {
    for (std::int64_t user = 1; user <= count; ++user) save(user, 0ms);
  }
  LeaseToken save(std::int64_t user, std::chrono::milliseconds event_lease) {
    NewEventDraft draft = sample_new_draft(user);
    draft.event_lease = event_lease;
    return *repository.save(draft, no_deadline).value().lease;
  }
  void approve(std::uint64_t draft, std::int64_t user) {
    REQUIRE(
        repository.approve({DraftId::numbered(draft), UserId::make(user).value(), clock.now(), {}, 0ms}, no_deadline)
            .value());
  }
  [[nodiscard]] OutboxStats stats() { return repository.stats(no_deadline).value(); }
  [[nodiscard]] std::vector<ParkedEvent> parked() { return repository.parked({}, 100, no_deadline).value(); }

  /// Passes until this much time has gone by, each when the one before says that it is worth its while.
  template <class Relay>
  std::vector<RelayPass> run_for(Relay& relay, std::chrono::nanoseconds span) {
    std::vector<RelayPass> passes;
    const SteadyTime end = clock.steady_now() + span;
    while (clock.steady_now() < end) {
      passes.push_back(relay.run_once());
      clock.advance(std::max<std::chrono::nanoseconds>(passes.back().wait, 1ms));
    }
    return passes;
  }
};

LeasedEvent leased(std::uint64_t draft, int attempts = 2) {
  return {draft_created(sample_draft(draft)), LeaseToken{static_cast<std::int64_t>(100 + draft)}, attempts};
}

/// A pass's expectations of an outbox that claims these and has nothing else to do.
auto holding(const Settlement& settlement) {
  return [settlement](std::span<const Settlement> settlements) {
    return settlements.size() == 1 && settlements[0] == settlement;
  };
}

}  // namespace

TEST_SUITE("relay") {
  TEST_CASE("with nothing due a pass asks, does nothing, says nothing, and suggests to wait") {
    RelayFixture fixture;
    auto relay = fixture.relay({.poll = 70ms});
    const RelayPass pass = relay.run_once();
    CHECK(pass.claimed == 0);
    CHECK(pass.published == 0);
    CHECK_FALSE(pass.error);
    CHECK(pass.wait == 70ms);
    CHECK(fixture.faults.log() == "settle claim remove_published");
    CHECK(fixture.observer.log().empty());
  }

  TEST_CASE("what is due is published in its order, settled, and not published again") {
    RelayFixture fixture;
    fixture.store(3);
    auto relay = fixture.relay();
    const RelayPass pass = relay.run_once();
    CHECK(pass.claimed == 3);
    CHECK(pass.published == 3);
    CHECK(pass.retried + pass.parked + pass.removed == 0);
    CHECK_FALSE(pass.error);
    CHECK(fixture.broker.acknowledged == created(1, 3));
    CHECK(fixture.stats() == OutboxStats{});
    CHECK(fixture.faults.log() == "settle claim settle remove_published");
    fixture.run_for(relay, 10min);
    CHECK(fixture.broker.asked == created(1, 3));
  }

  TEST_CASE("it sends the message that the request would have sent") {
    FakePorts ports;
    const std::string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    auto command = sample_command();
    command.traceparent = trace;
    ports.faults.on(Call::publish, 1, Fault::apply_then_fail);
    REQUIRE(create(ports, command, {.event_source = "/shop"}));
    ports.clock.advance(1h);
    OutboxRelay relay{ports.repository, ports.publisher, {.event_source = "/shop"}, ports.clock};
    CHECK(relay.run_once().published == 1);
    const auto messages = ports.fake_publisher.messages();
    REQUIRE(messages.size() == 2);
    CHECK(messages[0] == messages[1]);
  }

  TEST_CASE("an event that a request has the lease of is left to it, until the lease ends") {
    RelayFixture fixture;
    fixture.save(1, 1000ms);
    auto relay = fixture.relay();
    CHECK(relay.run_once().claimed == 0);
    fixture.clock.advance(1000ms - 1ms);
    CHECK(relay.run_once().claimed == 0);
    fixture.clock.advance(1ms);
    CHECK(relay.run_once().published == 1);
  }

  TEST_CASE("what requests have published is settled before anything is claimed") {
    VirtualClock clock;
    MockEventOutbox outbox;
    Broker broker;
    trompeloeil::sequence order;
    REQUIRE_CALL(outbox, settle(_, _)).WITH(_1.empty()).IN_SEQUENCE(order).RETURN(success());
    REQUIRE_CALL(outbox, claim(_, _, _)).IN_SEQUENCE(order).RETURN(std::vector<LeasedEvent>{});
    OutboxRelay relay{outbox, broker, {}, clock};
    CHECK_FALSE(relay.run_once().error);
  }

  TEST_CASE("a pass claims no more than a batch, for as long as was asked; a full one is followed at once") {
    VirtualClock clock;
    clock.advance(1h);
    MockEventOutbox outbox;
    Broker broker;
    ALLOW_CALL(outbox, settle(_, _)).RETURN(success());
    REQUIRE_CALL(outbox, claim(2U, 20s, Deadline{clock.steady_now() + 3s})).RETURN(std::vector{leased(1), leased(2)});
    OutboxRelay relay{outbox, broker, {.batch = 2, .lease = 20s, .call = 3s}, clock};
    CHECK(relay.run_once().wait == 1ms);  // two of 20,000 a second
    CHECK(broker.deadlines == std::vector(2, Deadline{clock.steady_now() + 3s}));
  }

  TEST_CASE("a batch of none is taken as one") {
    RelayFixture fixture;
    fixture.store(2);
    auto relay = fixture.relay({.batch = 0});
    CHECK(relay.run_once().published == 1);
    fixture.clock.advance(1s);
    CHECK(relay.run_once().published == 1);
    fixture.clock.advance(1s);
    CHECK(relay.run_once().wait == RelayOptions{}.poll);
  }
}

TEST_SUITE("relay: a publisher of batches") {
  TEST_CASE("is handed all at once; each event has its own fate") {
    RelayFixture<BatchBroker> fixture;
    fixture.store(4);
    fixture.broker.fails_one(created(2), Errc::event_rejected);
    auto relay = fixture.relay();
    const RelayPass pass = relay.run_once();
    CHECK(fixture.broker.batches == std::vector<std::size_t>{4});
    CHECK(pass.published == 3);
    CHECK(pass.retried == 1);
    CHECK(pass.error == Error{Errc::event_rejected});
    CHECK(fixture.broker.acknowledged == std::vector{created(1), created(3), created(4)});
    CHECK(fixture.stats().pending == 1);
  }

  TEST_CASE("what it leaves alone, or throws before, counts as unknown and is sent again") {
    RelayFixture<BatchBroker> fixture;
    fixture.store(4);
    fixture.broker.ends_after = 2;
    auto relay = fixture.relay();
    const RelayPass pass = relay.run_once();
    CHECK(pass.published == 2);
    CHECK(pass.retried == 2);
    CHECK(pass.error == Error{Errc::publisher_unavailable, {}, Certainty::unknown});
    CHECK(fixture.observer.log().find("publish threw: reset by peer") != std::string::npos);
    fixture.broker.ends_after = 1000;
    fixture.run_for(relay, 1s);
    CHECK(fixture.broker.acknowledged == created(1, 4));
    CHECK(fixture.broker.batches == std::vector<std::size_t>{4, 2});
  }

  TEST_CASE("it is down: nothing is parked, and all is sent when it is back") {
    RelayFixture<BatchBroker> fixture;
    fixture.store(4);
    fixture.broker.is_down();
    auto relay = fixture.relay({.most_attempts = 2});
    fixture.run_for(relay, 1h);
    CHECK(fixture.stats().pending == 4);
    CHECK(fixture.stats().parked == 0);
    fixture.broker.is_up();
    fixture.run_for(relay, 3min);
    auto acknowledged = fixture.broker.acknowledged;
    std::sort(acknowledged.begin(), acknowledged.end());
    CHECK(acknowledged == created(1, 4));
  }
}

TEST_SUITE("relay: the outbox fails") {
  TEST_CASE("what could not be settled is settled later, and the event is not sent again for it") {
    VirtualClock clock;
    MockEventOutbox outbox;
    Broker broker;
    const Settlement published = Settlement::published(leased(1).lease());
    trompeloeil::sequence order;
    REQUIRE_CALL(outbox, settle(_, _)).WITH(_1.empty()).IN_SEQUENCE(order).RETURN(success());
    REQUIRE_CALL(outbox, claim(_, _, _)).IN_SEQUENCE(order).RETURN(std::vector{leased(1)});
    REQUIRE_CALL(outbox, settle(_, _))
        .WITH(holding(published)(_1))
        .IN_SEQUENCE(order)
        .RETURN(Error{Errc::storage_unavailable, {}, Certainty::unknown});
    REQUIRE_CALL(outbox, settled_later(published)).IN_SEQUENCE(order);
    OutboxRelay relay{outbox, broker, {}, clock};
    const RelayPass pass = relay.run_once();
    CHECK(pass.published == 1);
    CHECK(pass.error == Error{Errc::storage_unavailable, {}, Certainty::unknown});
    CHECK(pass.wait == RelayOptions{}.poll);  // something went well

    REQUIRE_CALL(outbox, settle(_, _)).WITH(_1.empty()).IN_SEQUENCE(order).RETURN(success());
    REQUIRE_CALL(outbox, claim(_, _, _)).IN_SEQUENCE(order).RETURN(std::vector<LeasedEvent>{});
    clock.advance(pass.wait);
    relay.run_once();
    CHECK(broker.asked == created(1, 1));
  }

  TEST_CASE("a claim that fails is tried again after waits that grow, and shrink again") {
    RelayFixture fixture;
    fixture.store(1);
    fixture.faults.always(Call::claim, Fault::fail);
    auto relay = fixture.relay({.outage = {100ms, 10s}});
    for (const auto longest : {100ms, 200ms, 400ms, 800ms, 1600ms, 3200ms, 6400ms, 10'000ms, 10'000ms}) {
      const RelayPass pass = relay.run_once();
      CHECK(pass.error == Error{Errc::storage_unavailable});
      CHECK(pass.wait <= longest);
      CHECK(pass.wait >= longest / 2);
      fixture.clock.advance(pass.wait);
    }
    CHECK(fixture.broker.asked.empty());
    fixture.faults.always(Call::claim, Fault::none);
    CHECK(relay.run_once().published == 1);
    fixture.clock.advance(1s);
    fixture.faults.always(Call::claim, Fault::fail);
    CHECK(relay.run_once().wait <= 100ms);
  }

  TEST_CASE("while it is down, whoever calls too early is told to wait, and nothing is claimed") {
    RelayFixture fixture;
    fixture.faults.always(Call::claim, Fault::fail);
    auto relay = fixture.relay({.poll = 200ms, .outage = {10s, 10s}});
    const auto wait = relay.run_once().wait;
    REQUIRE(wait >= 5s);
    fixture.clock.advance(2s);
    CHECK(relay.run_once().wait == 200ms);  // not longer than usual, see the next
    fixture.clock.advance(wait - 2s - 150ms);
    const RelayPass early = relay.run_once();
    CHECK(early.wait == 150ms);
    CHECK_FALSE(early.error);
    CHECK(fixture.faults.log() == "settle claim(fail) remove_published settle settle");
    fixture.clock.advance(early.wait);
    relay.run_once();
    CHECK(fixture.faults.count(Call::claim) == 2);
  }

  TEST_CASE("whatever holds it back, what requests publish meanwhile is settled") {
    RelayFixture fixture;
    fixture.store(1);
    fixture.broker.is_down();
    auto relay = fixture.relay({.outage = {1h, 1h}});
    relay.run_once();
    const auto settled = fixture.faults.count(Call::settle);
    fixture.run_for(relay, 10s);
    CHECK(fixture.faults.count(Call::settle) >= settled + 50);
    CHECK(fixture.broker.asked.size() == 1);
  }

  TEST_CASE("while it can't settle, nothing is claimed that would be sent again") {
    RelayFixture fixture;
    fixture.store(1);
    fixture.faults.on(Call::settle, 1, Fault::fail);
    auto relay = fixture.relay();
    const RelayPass pass = relay.run_once();
    CHECK(pass.error == Error{Errc::storage_unavailable});
    CHECK(pass.claimed == 0);
    CHECK(fixture.faults.count(Call::claim) == 0);
    fixture.clock.advance(pass.wait);
    CHECK(relay.run_once().published == 1);
  }

  TEST_CASE("a claim whose answer is lost costs an attempt and the lease's time, and nothing else") {
    RelayFixture fixture;
    fixture.store(2);
    fixture.faults.on(Call::claim, 1, Fault::apply_then_fail);
    auto relay = fixture.relay({.lease = 30s});
    CHECK(relay.run_once().claimed == 0);
    fixture.run_for(relay, 29s);
    CHECK(fixture.broker.asked.empty());
    fixture.run_for(relay, 2s);
    CHECK(fixture.broker.acknowledged == created(1, 2));
  }

  TEST_CASE("what it throws is heard, and ends the call, not the pass") {
    for (const Call function : {Call::settle, Call::claim, Call::remove_published}) {
      CAPTURE(function);
      RelayFixture fixture;
      fixture.store(1);
      fixture.faults.on(function, 1, Fault::throw_exception);
      auto relay = fixture.relay();
      const RelayPass pass = relay.run_once();
      CHECK(pass.error == Error{Errc::port_exception, {}, Certainty::unknown});
      CHECK(pass.published == (function == Call::remove_published ? 1 : 0));
      CHECK(fixture.observer.log().find("threw: injected") != std::string::npos);
      fixture.run_for(relay, 2s);
      CHECK(fixture.broker.acknowledged == created(1, 1));
    }
  }

  TEST_CASE("every call of it has its own time") {
    RelayFixture fixture;
    fixture.clock.advance(1h);
    fixture.store(1);
    fixture.faults.on(Call::settle, 1, Fault::delay, 1s).on(Call::claim, 1, Fault::delay, 2s);
    auto relay = fixture.relay({.call = 5s});
    const SteadyTime began = fixture.clock.steady_now();
    relay.run_once();
    const auto entries = fixture.faults.entries();
    REQUIRE(fixture.faults.log() == "settle(delay) claim(delay) settle settle remove_published");
    CHECK(entries[0].deadline == Deadline{began + 5s});
    CHECK(entries[1].deadline == Deadline{began + 6s});
    for (std::size_t i = 2; i != entries.size(); ++i) CHECK(entries[i].deadline == Deadline{began + 8s});
  }
}

TEST_SUITE("relay: the broker is down") {
  TEST_CASE("one event tries, the others are put back as they were") {
    VirtualClock clock;
    MockEventOutbox outbox;
    Broker broker;
    broker.is_down();
    std::vector<Settlement> settled;
    ALLOW_CALL(outbox, settle(_, _)).LR_SIDE_EFFECT(settled.assign(_1.begin(), _1.end())).RETURN(success());
    REQUIRE_CALL(outbox, claim(_, _, _)).RETURN(std::vector{leased(1, 5), leased(2, 5), leased(3, 16)});
    OutboxRelay relay{outbox, broker, {}, clock};
    const RelayPass pass = relay.run_once();
    CHECK(broker.asked == created(1, 1));
    CHECK(pass.claimed == 3);
    CHECK(pass.retried == 3);
    CHECK(pass.error == Error{Errc::publisher_unavailable});
    REQUIRE(settled.size() == 3);
    CHECK(settled[0].after >= RelayOptions{}.backoff.first / 2);
    CHECK(settled[0] == Settlement::retry(leased(1).lease(), settled[0].after, false, Errc::publisher_unavailable));
    CHECK(settled[1] == Settlement::retry(leased(2).lease(), 0ms, false, Errc::publisher_unavailable));
    CHECK(settled[2] == Settlement::retry(leased(3).lease(), 0ms, false, Errc::publisher_unavailable));
  }

  TEST_CASE("for hours: nothing is parked, it is asked once a second, and all is sent soon after it is back") {
    RelayFixture fixture;
    fixture.store(30);
    fixture.broker.is_down();
    auto relay = fixture.relay({.outage = {100ms, 1s}, .most_attempts = 3});
    fixture.run_for(relay, 3h);
    CHECK(fixture.stats().pending == 30);
    CHECK(fixture.stats().parked == 0);
    CHECK(fixture.stats().most_attempts <= 1);
    CHECK(fixture.broker.asked.size() >= 3 * 3600);
    CHECK(fixture.broker.asked.size() <= 2 * 3 * 3600 + 20);

    fixture.broker.is_up();
    fixture.run_for(relay, 3s);
    CHECK(fixture.stats() == OutboxStats{});
    CHECK(std::set(fixture.broker.acknowledged.begin(), fixture.broker.acknowledged.end()).size() == 30);
    CHECK(fixture.broker.acknowledged.size() == 30);
  }

  TEST_CASE("whoever knows of a pending event does not make it ask more often") {
    RelayFixture fixture;
    fixture.store(1);
    fixture.broker.is_down();
    auto relay = fixture.relay({.outage = {100ms, 1s}});
    for (int call = 0; call != 60'000; ++call) {  // once a millisecond
      relay.run_once();
      fixture.clock.advance(1ms);
    }
    CHECK(fixture.broker.asked.size() >= 60);
    CHECK(fixture.broker.asked.size() <= 2 * 60 + 10);
  }

  TEST_CASE("an exception out of the publisher is heard, and means the same") {
    RelayFixture fixture;
    fixture.store(2);
    fixture.broker.answer = [](const EventMessage&) -> Result<void> { throw std::runtime_error{"reset by peer"}; };
    auto relay = fixture.relay();
    const RelayPass pass = relay.run_once();
    CHECK(pass.error == Error{Errc::port_exception, {}, Certainty::unknown});
    CHECK(pass.retried == 2);
    CHECK(fixture.broker.asked.size() == 1);
    CHECK(fixture.observer.log().find("publish threw: reset by peer, publish pending") != std::string::npos);
  }

  TEST_CASE("in the middle of a pass: what was acknowledged before is settled") {
    RelayFixture fixture;
    fixture.store(5);
    fixture.broker.answer = [&](const EventMessage&) -> Result<void> {
      if (fixture.broker.asked.size() > 2) return Errc::publisher_unavailable;
      return success();
    };
    auto relay = fixture.relay();
    const RelayPass pass = relay.run_once();
    CHECK(pass.published == 2);
    CHECK(pass.retried == 3);
    CHECK(fixture.broker.asked == created(1, 3));
    fixture.broker.is_up();
    fixture.run_for(relay, 1s);
    CHECK(std::set(fixture.broker.acknowledged.begin(), fixture.broker.acknowledged.end()).size() == 5);
    CHECK(fixture.broker.acknowledged.size() == 5);
  }
}

TEST_SUITE("relay: an event that can't be published") {
  TEST_CASE("is parked after its attempts, while the others go on; it is listed, replayed and then sent") {
    RelayFixture fixture;
    fixture.store(3);
    fixture.broker.fails_one(created(2), Errc::event_rejected);
    auto relay = fixture.relay({.most_attempts = 4});
    fixture.run_for(relay, 1min);
    CHECK(fixture.broker.acknowledged == std::vector{created(1), created(3)});
    CHECK(std::count(fixture.broker.asked.begin(), fixture.broker.asked.end(), created(2)) ==
          3);  // after the request's
    CHECK(fixture.stats() == OutboxStats{.parked = 1});
    const auto parked = fixture.parked();
    REQUIRE(parked.size() == 1);
    CHECK(parked[0].id == id_of(created(2)));
    CHECK(parked[0].attempts == 4);
    CHECK(parked[0].reason == Errc::event_rejected);
    CHECK(fixture.observer.log().find("publish parked") != std::string::npos);

    fixture.broker.is_up();
    CHECK(fixture.repository.replay(id_of(created(2)), no_deadline).value());
    fixture.run_for(relay, 1s);
    CHECK(fixture.broker.acknowledged.back() == created(2));
    CHECK(fixture.stats() == OutboxStats{});
  }

  TEST_CASE("its attempts are ever further apart") {
    VirtualClock clock;
    MockEventOutbox outbox;
    Broker broker;
    broker.fails_one(created(1), Errc::event_rejected);
    OutboxRelay relay{outbox, broker, {.backoff = {100ms, 10s}}, clock};
    int attempt = 0;
    for (const auto longest : {100ms, 200ms, 400ms, 800ms, 1600ms}) {
      std::vector<Settlement> settled;
      ALLOW_CALL(outbox, settle(_, _)).LR_SIDE_EFFECT(settled.assign(_1.begin(), _1.end())).RETURN(success());
      REQUIRE_CALL(outbox, claim(_, _, _)).LR_RETURN(std::vector{leased(1, ++attempt)});
      relay.run_once();
      clock.advance(1s);
      REQUIRE(settled.size() == 1);
      CHECK(settled[0].fate == Settlement::Fate::retry);
      CHECK(settled[0].counts);
      CHECK(settled[0].reason == Errc::event_rejected);
      CHECK(settled[0].after <= longest);
      CHECK(settled[0].after >= longest / 2);
    }
  }

  TEST_CASE("though nobody refuses it, it is parked, since the broker takes the others") {
    for (const Errc code : {Errc::publisher_unavailable, Errc::deadline_exceeded, Errc::port_exception}) {
      CAPTURE(code);
      RelayFixture fixture;
      fixture.store(1);
      fixture.broker.fails_one(created(1), {code, {}, Certainty::unknown});
      auto relay = fixture.relay({.most_attempts = 3});
      for (std::int64_t user = 2; user != 200 && fixture.parked().empty(); ++user) {
        fixture.save(user, 0ms);
        fixture.run_for(relay, 1s);
      }
      REQUIRE(fixture.parked().size() == 1);
      CHECK(fixture.parked()[0].id == id_of(created(1)));
      CHECK(fixture.parked()[0].reason == code);
      CHECK(fixture.stats().pending <= 1);
    }
  }

  TEST_CASE("its failure is its own only while the broker is known to work, and that is for five seconds") {
    for (const auto& [later, counts] : {std::pair{4999ms, true}, std::pair{5000ms, false}}) {
      CAPTURE(later);
      VirtualClock clock;
      MockEventOutbox outbox;
      Broker broker;
      OutboxRelay relay{outbox, broker, {.most_attempts = 16}, clock};
      std::vector<Settlement> settled;
      ALLOW_CALL(outbox, settle(_, _)).LR_SIDE_EFFECT(settled.assign(_1.begin(), _1.end())).RETURN(success());
      {
        REQUIRE_CALL(outbox, claim(_, _, _)).RETURN(std::vector{leased(1)});
        relay.run_once();
      }
      clock.advance(later);
      broker.is_down();
      REQUIRE_CALL(outbox, claim(_, _, _)).RETURN(std::vector{leased(2)});
      relay.run_once();
      REQUIRE(settled.size() == 1);
      CHECK(settled[0].counts == counts);
    }
  }

  TEST_CASE("that it works is judged when the attempt begins, however long it takes") {
    VirtualClock clock;
    MockEventOutbox outbox;
    Broker broker;
    OutboxRelay relay{outbox, broker, {}, clock};
    std::vector<Settlement> settled;
    ALLOW_CALL(outbox, settle(_, _)).LR_SIDE_EFFECT(settled.assign(_1.begin(), _1.end())).RETURN(success());
    broker.answer = [&](const EventMessage& message) -> Result<void> {
      if (message.id() == created(1)) return success();
      clock.advance(5s);
      return Error{Errc::deadline_exceeded, {}, Certainty::unknown};
    };
    REQUIRE_CALL(outbox, claim(_, _, _)).RETURN(std::vector{leased(1), leased(2)});
    relay.run_once();
    REQUIRE(settled.size() == 2);
    CHECK(settled[1].counts);
  }

  TEST_CASE("it waits its own time, an outage another") {
    for (const bool works : {true, false}) {
      RelayFixture fixture;
      fixture.store(2);
      fixture.broker.answer = [&](const EventMessage& message) -> Result<void> {
        if (works && message.id() == created(1)) return success();
        return Errc::publisher_unavailable;
      };
      auto relay = fixture.relay({.backoff = {1h, 1h}, .outage = {1s, 1s}});
      relay.run_once();
      fixture.broker.is_up();
      fixture.run_for(relay, 10s);
      CHECK(fixture.broker.acknowledged.size() == (works ? 1 : 2));
    }
  }

  TEST_CASE("has one attempt of a relay at least, whatever the options say") {
    for (const int most_attempts : {1, 0, -5}) {
      RelayFixture fixture;
      fixture.store(1);
      auto relay = fixture.relay({.most_attempts = most_attempts});
      CHECK(relay.run_once().published == 1);
    }
  }

  TEST_CASE("a refusal alone is no reason to wait: new events go on at once") {
    RelayFixture fixture;
    fixture.store(1);
    fixture.broker.fails_one(created(1), Errc::event_rejected);
    auto relay = fixture.relay({.backoff = {60s, 60s}});
    const RelayPass pass = relay.run_once();
    CHECK(pass.error == Error{Errc::event_rejected});
    CHECK(pass.wait == RelayOptions{}.poll);
    fixture.save(2, 0ms);
    fixture.clock.advance(1ms);
    CHECK(relay.run_once().published == 1);
  }

  TEST_CASE("a pass's error is the broker's, whatever else was refused before it") {
    RelayFixture fixture;
    fixture.store(2);
    fixture.broker.answer = [](const EventMessage& message) -> Result<void> {
      return message.id() == created(1) ? Errc::event_rejected : Errc::publisher_unavailable;
    };
    auto relay = fixture.relay();
    CHECK(relay.run_once().error == Error{Errc::publisher_unavailable});
  }

  TEST_CASE("one whose relays never came back is parked unseen") {
    RelayFixture fixture;
    fixture.store(1);
    for (int relay = 0; relay != 3; ++relay) {  // each claims, and ends
      REQUIRE(fixture.repository.claim(1, 1ms, no_deadline).value().size() == 1);
      fixture.clock.advance(1ms);
    }
    fixture.save(2, 0ms);
    auto relay = fixture.relay({.most_attempts = 4});
    const RelayPass pass = relay.run_once();
    CHECK(pass.claimed == 2);
    CHECK(pass.parked == 1);
    CHECK(fixture.broker.asked == created(2, 2));
    REQUIRE(fixture.parked().size() == 1);
    CHECK(fixture.parked()[0].id == id_of(created(1)));
    CHECK(fixture.parked()[0].attempts == 5);  // the request's, the three and this one
    CHECK(fixture.parked()[0].reason == Errc::internal_error);
  }

  TEST_CASE("its draft's later event waits for it, until somebody replays or discards it") {
    for (const bool replay : {true, false}) {
      RelayFixture fixture;
      fixture.store(1);
      fixture.approve(1, 1);
      fixture.broker.fails_one(created(1), Errc::event_rejected);
      auto relay = fixture.relay({.most_attempts = 2});
      fixture.run_for(relay, 10min);
      CHECK(fixture.parked().size() == 1);
      CHECK(fixture.broker.asked == created(1, 1));

      fixture.broker.is_up();
      const EventId first = id_of(created(1));
      CHECK((replay ? fixture.repository.replay(first, no_deadline) : fixture.repository.discard(first, no_deadline))
                .value());
      fixture.run_for(relay, 1s);
      CHECK(fixture.broker.acknowledged == (replay ? std::vector{created(1), approval(1)} : std::vector{approval(1)}));
    }
  }
}

TEST_SUITE("relay: time") {
  TEST_CASE("publishing ends at half of the lease; what is left is put back as it was, and the next pass goes on") {
    RelayFixture fixture;
    fixture.store(9);
    fixture.broker.answer = [&](const EventMessage&) {
      fixture.clock.advance(4s);
      return success();
    };
    const SteadyTime began = fixture.clock.steady_now();
    auto relay = fixture.relay({.lease = 30s, .call = 6s});
    const RelayPass pass = relay.run_once();
    CHECK(pass.published == 4);  // they begin at 0, 4, 8 and 12 s
    CHECK(pass.retried == 5);
    CHECK_FALSE(pass.error);
    CHECK(fixture.broker.deadlines[0] == Deadline{began + 6s});
    CHECK(fixture.broker.deadlines[3] == Deadline{began + 15s});
    CHECK(fixture.stats().most_attempts == 1);
    fixture.run_for(relay, 20s);
    CHECK(fixture.broker.acknowledged == created(1, 9));
  }

  TEST_CASE("a slow publisher keeps nothing unsettled for longer than requests can wait") {
    RelayFixture fixture;
    fixture.store(8);
    fixture.broker.answer = [&](const EventMessage&) {
      fixture.clock.advance(100ms);
      return success();
    };
    auto relay = fixture.relay();
    CHECK(relay.run_once().published == 8);
    // before the 4th and the 7th, 300 ms after the last time; and in the end
    CHECK(fixture.faults.log() == "settle claim settle settle settle remove_published");
    CHECK(fixture.stats() == OutboxStats{});
  }

  TEST_CASE("a claim that took half of the lease is put back whole") {
    RelayFixture fixture;
    fixture.store(2);
    fixture.faults.on(Call::claim, 1, Fault::delay, 15s);
    auto relay = fixture.relay({.lease = 30s});
    const RelayPass pass = relay.run_once();
    CHECK(pass.retried == 2);
    CHECK(fixture.broker.asked.empty());
    CHECK(fixture.stats().most_attempts == 1);
    fixture.run_for(relay, 1s);
    CHECK(fixture.broker.acknowledged == created(1, 2));
  }

  TEST_CASE("after an outage it catches up no faster than it may, however often it is called") {
    for (const bool patient : {true, false}) {
      RelayFixture fixture;
      fixture.store(1000);
      auto relay = fixture.relay({.batch = 10, .most_per_second = 100});
      std::size_t most = 0;
      for (int second = 0; second != 9; ++second) {
        const std::size_t before = fixture.broker.acknowledged.size();
        const SteadyTime end = fixture.clock.steady_now() + 1s;
        while (fixture.clock.steady_now() < end) {
          const auto wait = relay.run_once().wait;
          fixture.clock.advance(patient ? std::max<std::chrono::nanoseconds>(wait, 1ms) : 1ms);
        }
        most = std::max(most, fixture.broker.acknowledged.size() - before);
      }
      CHECK(most <= 100);
      CHECK(fixture.broker.acknowledged.size() >= 890);
    }
  }

  TEST_CASE("when there is little to do it waits for a while, but comes at once when it is called") {
    RelayFixture fixture;
    fixture.store(1);
    auto relay = fixture.relay();
    CHECK(relay.run_once().wait == RelayOptions{}.poll);
    fixture.save(2, 0ms);
    fixture.clock.advance(1ms);
    CHECK(relay.run_once().published == 1);
  }
}

TEST_SUITE("relay: what is published long ago") {
  TEST_CASE("is deleted after the retention, and not before") {
    RelayFixture fixture;
    fixture.store(3);
    auto relay = fixture.relay({.retention = 1h});
    relay.run_once();
    fixture.clock.advance(1h);
    CHECK(relay.run_once().removed == 0);
    fixture.clock.advance(1s);
    CHECK(relay.run_once().removed == 3);
    CHECK(fixture.observer.log().ends_with("remove ok"));
  }

  TEST_CASE("pending and parked events stay, however old") {
    RelayFixture fixture;
    fixture.store(3);
    fixture.broker.fails_one(created(1), Errc::event_rejected);
    auto relay = fixture.relay({.poll = 10s, .retention = 1h, .outage = Backoff{10s, 10s}, .most_attempts = 3});
    fixture.run_for(relay, 5min);
    fixture.broker.is_down();
    fixture.save(4, 0ms);
    const auto passes = fixture.run_for(relay, 48h);
    CHECK(fixture.stats().pending == 1);
    CHECK(fixture.stats().parked == 1);
    std::size_t removed = 0;
    for (const RelayPass& pass : passes) removed += pass.removed;
    CHECK(removed == 2);
  }

  TEST_CASE("goes in portions, and is looked for once a second, or again at once after a full portion") {
    RelayFixture fixture;
    fixture.store(2500);
    auto relay = fixture.relay({.batch = 2500, .retention = 1h});
    relay.run_once();
    fixture.clock.advance(1h + 1s);
    for (int portion = 0; portion != 2; ++portion) {
      const RelayPass pass = relay.run_once();
      CHECK(pass.removed == 1000);
      CHECK(pass.wait == 10ms);
    }
    const RelayPass rest = relay.run_once();
    CHECK(rest.removed == 500);
    CHECK(rest.wait == RelayOptions{}.poll);
    const auto looked = fixture.faults.count(Call::remove_published);
    relay.run_once();
    fixture.clock.advance(1s - 1ns);
    relay.run_once();
    CHECK(fixture.faults.count(Call::remove_published) == looked);
    fixture.clock.advance(1ns);
    relay.run_once();
    CHECK(fixture.faults.count(Call::remove_published) == looked + 1);
  }

  TEST_CASE("and an outbox that deletes by itself is not asked to") {
    VirtualClock clock;
    MockEventOutbox outbox;
    Broker broker;
    static_assert(!OutboxUpkeep<MockEventOutbox>);
    ALLOW_CALL(outbox, settle(_, _)).RETURN(success());
    ALLOW_CALL(outbox, claim(_, _, _)).RETURN(std::vector<LeasedEvent>{});
    OutboxRelay relay{outbox, broker, {}, clock};
    const RelayPass pass = relay.run_once();
    CHECK(pass.removed == 0);
    CHECK(pass.wait == RelayOptions{}.poll);
  }
}

TEST_SUITE("relay: what it reports") {
  TEST_CASE("each event with its user, its draft and its fate; each call of the outbox that did something") {
    RelayFixture fixture;
    fixture.store(2);
    fixture.broker.answer = [&](const EventMessage& message) -> Result<void> {
      fixture.clock.advance(7ms);
      if (message.id() == created(2)) return Errc::event_rejected;
      return success();
    };
    fixture.faults.on(Call::claim, 1, Fault::delay, 3ms).on(Call::settle, 2, Fault::delay, 5ms);
    auto relay = fixture.relay();
    relay.run_once();
    CHECK(fixture.observer.log() == "claim ok, publish ok, publish pending, settle ok");
    const auto& steps = fixture.observer.steps();
    REQUIRE(steps.size() == 4);
    for (const auto& step : steps) CHECK(step.operation == Operation::relay);
    CHECK(steps[0].duration == 3ms);
    CHECK(steps[0].user_id == 0);
    CHECK(steps[0].draft_id.empty());
    CHECK(steps[1].duration == 7ms);
    CHECK(steps[1].user_id == 1);
    CHECK(steps[1].draft_id == "draft-1");
    CHECK_FALSE(steps[1].error);
    CHECK(steps[2].user_id == 2);
    CHECK(steps[2].draft_id == "draft-2");
    CHECK(steps[2].error == Error{Errc::event_rejected});
    CHECK(steps[3].duration == 5ms);
  }

  TEST_CASE("and each that failed") {
    RelayFixture fixture;
    fixture.faults.on(Call::claim, 1, Fault::fail)
        .on(Call::remove_published, 1, Fault::fail)
        .on(Call::settle, 2, Fault::fail);
    auto relay = fixture.relay();
    fixture.clock.advance(relay.run_once().wait);
    relay.run_once();
    CHECK(fixture.observer.log() == "claim failed, remove failed, settle failed");
    for (const auto& step : fixture.observer.steps()) CHECK(step.error == Error{Errc::storage_unavailable});
  }
}

TEST_SUITE("relay: several") {
  TEST_CASE("threads with a relay each publish every event once") {
    constexpr std::int64_t count = 400;
    FakeDraftRepository repository;
    Broker broker;
    NewEventDraft draft = sample_new_draft();
    draft.event_lease = 0ms;
    for (std::int64_t user = 1; user <= count; ++user) {
      draft.user_id = UserId::make(user).value();
      REQUIRE(repository.save(draft, no_deadline));
    }
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i != 4; ++i) {
        threads.emplace_back([&] {
          OutboxRelay relay{repository, broker, {.batch = 7, .most_per_second = 1'000'000}};
          for (;;) {
            const RelayPass pass = relay.run_once();
            if (pass.claimed == 0 && pass.wait == RelayOptions{}.poll) return;
            std::this_thread::sleep_for(pass.wait);
          }
        });
      }
    }
    CHECK(broker.acknowledged.size() == count);
    CHECK(std::set(broker.acknowledged.begin(), broker.acknowledged.end()).size() == count);
    CHECK(repository.stats(no_deadline).value() == OutboxStats{});
  }

  TEST_CASE("one that lost its lease to another changes nothing of what that one has done") {
    RelayFixture fixture;
    fixture.store(1);
    auto other = fixture.relay();
    bool first = true;
    fixture.broker.answer = [&](const EventMessage&) -> Result<void> {
      if (!std::exchange(first, false)) return success();
      fixture.clock.advance(30s);
      CHECK(other.run_once().published == 1);
      return Errc::publisher_unavailable;
    };
    auto slow = fixture.relay({.lease = 30s});
    CHECK(slow.run_once().retried == 1);
    CHECK(fixture.stats() == OutboxStats{});
    fixture.run_for(slow, 10min);
    CHECK(fixture.broker.acknowledged == created(1, 1));
  }

  TEST_CASE("whatever fails, of each draft the first event appears before the second") {
    constexpr std::int64_t drafts = 40;
    RelayFixture fixture;
    fixture.store(drafts);
    for (std::int64_t user = 1; user <= drafts; ++user) {
      if (user % 2 == 0) fixture.approve(static_cast<std::uint64_t>(user), user);
    }
    unsigned calls = 0;
    fixture.broker.answer = [&](const EventMessage&) -> Result<void> {
      if (++calls % 3 == 0) return Errc::publisher_unavailable;
      if (calls % 7 == 0) return Errc::event_rejected;
      return success();
    };
    auto one = fixture.relay({.batch = 5});
    auto two = fixture.relay({.batch = 3});
    for (int second = 0; second != 300 && fixture.stats().pending != 0; ++second) {
      one.run_once();
      if (second == 5) {
        for (std::int64_t user = 1; user <= drafts; user += 2) fixture.approve(static_cast<std::uint64_t>(user), user);
      }
      two.run_once();
      fixture.clock.advance(1s);
    }
    CHECK(fixture.stats() == OutboxStats{});
    CHECK(fixture.broker.acknowledged.size() == 2 * drafts);
    std::map<std::string, std::size_t> place;
    for (const std::string& id : fixture.broker.acknowledged) place.emplace(id, place.size());
    for (std::uint64_t draft = 1; draft <= drafts; ++draft) CHECK(place.at(created(draft)) < place.at(approval(draft)));
  }
}
