#include <event_draft/testing/fakes.hpp>

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <event_draft/testing/printing.hpp>
#include <event_draft/testing/samples.hpp>

using namespace event_draft;
using namespace event_draft::testing;
using namespace std::chrono_literals;

namespace {

Deadline soon(const VirtualClock& clock) { return Deadline{clock.steady_now() + 1s}; }
Deadline over(const VirtualClock& clock) { return Deadline{clock.steady_now()}; }

template <class Work>
void on_threads(int count, Work work) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back([i, &work] { work(i); });
}

}  // namespace

TEST_SUITE("VirtualClock") {
  TEST_CASE("it stands still until it is moved, and then both its times pass") {
    VirtualClock clock;
    CHECK(to_text(clock.now()).view() == "2026-11-23T09:00:00.123Z");
    const SteadyTime began = clock.steady_now();
    CHECK(clock.steady_now() == began);
    clock.advance(1500us);
    CHECK(clock.steady_now() == began + 1500us);
    CHECK(clock.now() == VirtualClock::start + 1ms);
    clock.advance(500us);
    CHECK(clock.now() == VirtualClock::start + 2ms);
  }

  TEST_CASE("the time of day can be set, the steady time can't") {
    VirtualClock clock;
    clock.advance(10s);
    const SteadyTime steady = clock.steady_now();
    clock.set_now(VirtualClock::start - 1h);
    CHECK(clock.now() == VirtualClock::start - 1h);
    CHECK(clock.steady_now() == steady);
    clock.advance(1s);
    CHECK(clock.now() == VirtualClock::start - 1h + 1s);
  }

  TEST_CASE("no advance is lost between threads") {
    VirtualClock clock;
    on_threads(4, [&](int) {
      for (int i = 0; i < 1000; ++i) clock.advance(1ms);
    });
    CHECK(clock.now() == VirtualClock::start + 4s);
  }
}

TEST_SUITE("FakeDraftRepository") {
  TEST_CASE("drafts are numbered, and found again") {
    VirtualClock clock;
    FakeDraftRepository repository{clock};
    CHECK(repository.save(sample_new_draft(), soon(clock)).value() == inserted(sample_draft(1), LeaseToken{1}));
    CHECK(repository.save(sample_new_draft(124), soon(clock)).value() == inserted(sample_draft(2, 124), LeaseToken{2}));
    CHECK(repository.find(DraftId::numbered(2), soon(clock)).value() == sample_draft(2, 124));
    CHECK(repository.find(DraftId::numbered(3), soon(clock)).value() == std::nullopt);
    CHECK(repository.drafts() == std::vector{sample_draft(1), sample_draft(2, 124)});
  }

  TEST_CASE("a user's window lets one draft in, until it ends by the repository's own clock") {
    VirtualClock clock;
    FakeDraftRepository repository{clock};
    NewEventDraft draft = sample_new_draft();
    REQUIRE(repository.save(draft, soon(clock)));
    draft.created_at += 1h;  // the caller's idea of the time does not count
    clock.advance(30min - 1ms);
    CHECK(repository.save(draft, soon(clock)).value() == already_there(sample_draft()));
    CHECK(repository.size() == 1);
    clock.advance(1ms);
    CHECK(repository.save(draft, soon(clock)).value() == inserted(with_id(draft, DraftId::numbered(2)), LeaseToken{2}));
  }

  TEST_CASE("a draft brings its own window") {
    VirtualClock clock;
    FakeDraftRepository repository{clock};
    NewEventDraft draft = sample_new_draft();
    draft.window = 5s;
    REQUIRE(repository.save(draft, soon(clock)));
    clock.advance(5s);
    CHECK(repository.save(draft, soon(clock)).value().inserted);
  }

  TEST_CASE("the window passes on only from the draft that is replaced") {
    VirtualClock clock;
    FakeDraftRepository repository{clock};
    REQUIRE(repository.save(sample_new_draft(), soon(clock)));
    NewEventDraft draft = sample_new_draft();
    draft.replaces = DraftId::numbered(9);
    CHECK(repository.save(draft, soon(clock)).value() == already_there(sample_draft()));
    draft.replaces = DraftId::numbered(1);
    CHECK(repository.save(draft, soon(clock)).value() == inserted(sample_draft(2), LeaseToken{2}));
    CHECK(repository.save(draft, soon(clock)).value() == already_there(sample_draft(2)));
    CHECK(repository.find(DraftId::numbered(1), soon(clock)).value() == sample_draft());
  }

  TEST_CASE("past its deadline a call does nothing") {
    VirtualClock clock;
    FakeDraftRepository repository{clock};
    CHECK(repository.save(sample_new_draft(), over(clock)).error() == Error{Errc::deadline_exceeded});
    CHECK(repository.find(DraftId::numbered(1), over(clock)).error() == Error{Errc::deadline_exceeded});
    CHECK(repository.size() == 0);
  }

  TEST_CASE("of a user's requests at the same moment one gets in, and all get its draft") {
    VirtualClock clock;
    FakeDraftRepository repository{clock};
    std::atomic<int> inserted_count = 0;
    std::atomic<int> same_draft = 0;
    on_threads(8, [&](int i) {
      const auto mine = repository.save(sample_new_draft(), soon(clock)).value();
      const auto other = repository.save(sample_new_draft(200 + i), soon(clock)).value();
      inserted_count += mine.inserted ? 1 : 0;
      same_draft += repository.find(mine.draft.id, soon(clock)).value() == mine.draft && other.inserted ? 1 : 0;
    });
    CHECK(inserted_count == 1);
    CHECK(same_draft == 8);
    CHECK(repository.size() == 9);
  }
}

TEST_SUITE("FakeDraftRepository's outbox") {
  struct Outbox {
    VirtualClock clock{};
    FakeDraftRepository<VirtualClock> repository{clock};

    LeaseToken save(std::int64_t user, std::chrono::milliseconds lease) {
      NewEventDraft draft = sample_new_draft(user);
      draft.event_lease = lease;
      return *repository.save(draft, soon(clock)).value().lease;
    }
    std::optional<ApprovedDraft> approve(std::uint64_t number, std::int64_t user) {
      return repository
          .approve({DraftId::numbered(number), UserId::make(user).value(), clock.now(), {}, 1000ms}, soon(clock))
          .value();
    }
    std::vector<LeasedEvent> claim(std::size_t limit = 10) { return repository.claim(limit, 5s, soon(clock)).value(); }
    void settle(const Settlement& settlement) { REQUIRE(repository.settle(std::array{settlement}, soon(clock))); }
    OutboxStats stats() { return repository.stats(soon(clock)).value(); }
  };
  const EventId created{DraftId::numbered(1), EventType::event_draft_created};
  const EventId approval{DraftId::numbered(1), EventType::event_created};

  TEST_CASE("an event is stored with its draft, leased; it is due when the lease ends, and claimed under a new one") {
    Outbox outbox;
    const LeaseToken first = outbox.save(sample_user, 1000ms);
    CHECK(outbox.stats() == OutboxStats{.pending = 1, .most_attempts = 1});
    outbox.clock.advance(1000ms - 1ms);
    CHECK(outbox.claim().empty());
    outbox.clock.advance(1ms);
    const auto claimed = outbox.claim();
    REQUIRE(claimed.size() == 1);
    CHECK(claimed[0].event == draft_created(sample_draft()));
    CHECK(claimed[0].attempts == 2);
    CHECK(claimed[0].token != first);
    CHECK(claimed[0].token != LeaseToken{0});
    CHECK(outbox.claim().empty());
    outbox.clock.advance(5s);
    CHECK(outbox.claim().at(0).attempts == 3);
  }

  TEST_CASE("only the latest lease settles, and it settles once") {
    Outbox outbox;
    const LeaseToken first = outbox.save(sample_user, 0ms);
    const LeaseToken second = outbox.claim().at(0).token;
    outbox.settle(Settlement::published({created, first}));
    outbox.settle(Settlement::parked({created, LeaseToken{0}}, Errc::event_rejected));
    CHECK(outbox.stats().pending == 1);
    outbox.settle(Settlement::retry({created, second}, 0ms, false, Errc::publisher_unavailable));
    outbox.settle(Settlement::retry({created, second}, 1h, false, Errc::publisher_unavailable));
    CHECK(outbox.stats().most_attempts == 1);
    const auto third = outbox.claim().at(0);
    CHECK(third.attempts == 2);
    outbox.repository.settle_later(Settlement::published(third.lease()));
    CHECK(outbox.stats() == OutboxStats{});
    outbox.clock.advance(24h);
    CHECK(outbox.claim().empty());
  }

  TEST_CASE("a retry is due after its span; it counts or does not; who waits longest comes first") {
    Outbox outbox;
    for (std::int64_t user = 1; user <= 3; ++user) outbox.save(user, 0ms);
    const auto claimed = outbox.claim();
    REQUIRE(claimed.size() == 3);
    outbox.settle(Settlement::retry(claimed[0].lease(), 300ms, true, Errc::event_rejected));
    outbox.settle(Settlement::retry(claimed[1].lease(), 100ms, false, Errc::publisher_unavailable));
    outbox.settle(Settlement::retry(claimed[2].lease(), 200ms, true, Errc::event_rejected));
    outbox.clock.advance(100ms - 1ms);
    CHECK(outbox.claim().empty());
    outbox.clock.advance(201ms);
    CHECK(outbox.claim(0).empty());
    const auto again = outbox.claim(2);
    REQUIRE(again.size() == 2);
    CHECK(again[0].event == claimed[1].event);
    CHECK(again[0].attempts == 2);
    CHECK(again[1].event == claimed[2].event);
    CHECK(again[1].attempts == 3);
    CHECK(outbox.claim().at(0).event == claimed[0].event);
  }

  TEST_CASE("an approval is the owner's, is there once, ends the window, and its event waits for the first") {
    Outbox outbox;
    outbox.save(sample_user, 0ms);
    CHECK_FALSE(outbox.approve(1, 124));
    CHECK_FALSE(outbox.approve(2, sample_user));
    CHECK(outbox.approve(1, sample_user) == ApprovedDraft{approved(sample_draft()), true});  // no lease
    CHECK(outbox.approve(1, sample_user) == ApprovedDraft{approved(sample_draft()), false});
    CHECK(outbox.stats().pending == 2);
    outbox.save(sample_user, 1h);  // the window is free
    CHECK(outbox.repository.size() == 2);

    const auto first = outbox.claim();
    REQUIRE(first.size() == 1);
    CHECK(first[0].event.id == created);
    CHECK(outbox.claim().empty());
    outbox.settle(Settlement::published(first[0].lease()));
    const auto second = outbox.claim();
    REQUIRE(second.size() == 1);
    CHECK(second[0].event == draft_approved(sample_draft(), VirtualClock::start));
  }

  TEST_CASE("after its first event's acknowledgement a draft's approval comes with the lease of its own") {
    Outbox outbox;
    outbox.repository.settle_later(Settlement::published({created, outbox.save(sample_user, 1000ms)}));
    const auto approved_draft = outbox.approve(1, sample_user);
    REQUIRE(approved_draft);
    REQUIRE(approved_draft->lease);
    outbox.clock.advance(1000ms - 1ms);
    CHECK(outbox.claim().empty());
    outbox.settle(Settlement::published({approval, *approved_draft->lease}));
    outbox.clock.advance(1ms);
    CHECK(outbox.claim().empty());
  }

  TEST_CASE("a parked event is listed page by page, holds back its draft's next, and is replayed or discarded") {
    Outbox outbox;
    for (std::int64_t user = 1; user <= 3; ++user) outbox.save(user, 0ms);
    REQUIRE(outbox.approve(1, 1));
    for (const LeasedEvent& each : outbox.claim()) {
      outbox.settle(Settlement::parked(each.lease(), Errc::event_rejected));
    }
    CHECK(outbox.stats() == OutboxStats{.pending = 1, .parked = 3});
    CHECK(outbox.claim().empty());
    auto page = outbox.repository.parked({}, 2, soon(outbox.clock)).value();
    REQUIRE(page.size() == 2);
    CHECK(page[0] == ParkedEvent{created, 2, Errc::event_rejected, VirtualClock::start});
    page = outbox.repository.parked(page[1].id, 2, soon(outbox.clock)).value();
    REQUIRE(page.size() == 1);
    CHECK(page[0].id.draft_id == DraftId::numbered(3));

    CHECK(outbox.repository.replay(page[0].id, soon(outbox.clock)).value());
    CHECK_FALSE(outbox.repository.replay(page[0].id, soon(outbox.clock)).value());
    CHECK(outbox.claim().at(0).attempts == 1);
    CHECK(outbox.repository.discard(created, soon(outbox.clock)).value());
    CHECK_FALSE(outbox.repository.discard(created, soon(outbox.clock)).value());
    CHECK(outbox.claim().at(0).event.id == approval);
    CHECK_FALSE(outbox.repository.discard(approval, soon(outbox.clock)).value());  // not parked
  }

  TEST_CASE("what was published long enough ago is removed, so many at a time; the age of what waits is told") {
    Outbox outbox;
    for (std::int64_t user = 1; user <= 4; ++user) outbox.save(user, 0ms);
    for (const LeasedEvent& each : outbox.claim(3)) outbox.settle(Settlement::published(each.lease()));
    outbox.clock.advance(1h);
    CHECK(outbox.repository.remove_published(1h, 10, soon(outbox.clock)).value() == 0);
    outbox.clock.advance(1ms);
    CHECK(outbox.repository.remove_published(1h, 2, soon(outbox.clock)).value() == 2);
    CHECK(outbox.repository.remove_published(1h, 2, soon(outbox.clock)).value() == 1);
    CHECK(outbox.stats() == OutboxStats{.pending = 1, .oldest_pending = 1h + 1ms, .most_attempts = 1});
  }

  TEST_CASE("past its deadline a call does nothing") {
    Outbox outbox;
    outbox.save(sample_user, 0ms);
    auto& repository = outbox.repository;
    const Deadline late = over(outbox.clock);
    CHECK(repository.claim(1, 1s, late).error() == Error{Errc::deadline_exceeded});
    CHECK(repository.settle({}, late).error() == Error{Errc::deadline_exceeded});
    CHECK(repository.approve({DraftId::numbered(1), UserId::make(sample_user).value(), {}}, late).error() ==
          Error{Errc::deadline_exceeded});
    CHECK(repository.remove_published(0ms, 1, late).error() == Error{Errc::deadline_exceeded});
    CHECK(repository.stats(late).error() == Error{Errc::deadline_exceeded});
    CHECK(repository.parked({}, 1, late).error() == Error{Errc::deadline_exceeded});
    CHECK(repository.replay(created, late).error() == Error{Errc::deadline_exceeded});
    CHECK(repository.discard(created, late).error() == Error{Errc::deadline_exceeded});
    CHECK(outbox.claim().at(0).attempts == 2);
  }
}

TEST_SUITE("FakeDraftCache") {
  TEST_CASE("a value lives as long as it was told to, by steady time") {
    VirtualClock clock;
    FakeDraftCache cache{clock};
    REQUIRE(cache.set(std::array{CacheWrite{"a", "1", 10s}, CacheWrite{"b", "2", 20s}}, soon(clock)));
    CHECK(cache.size() == 2);
    CHECK(cache.time_to_live("a") == 10s);
    clock.set_now(VirtualClock::start + 1h);
    clock.advance(10s - 1ms);
    CHECK(cache.get("a", soon(clock)).value() == "1");
    clock.advance(1ms);
    CHECK(cache.get("a", soon(clock)).value() == std::nullopt);
    CHECK(cache.time_to_live("a") == std::nullopt);
    CHECK(cache.get("b", soon(clock)).value() == "2");
    CHECK(cache.size() == 1);
  }

  TEST_CASE("a second write replaces value and time to live; bytes are bytes") {
    VirtualClock clock;
    FakeDraftCache cache{clock};
    cache.put("k", "old", 10s);
    cache.put("k", std::string_view{"\0\xff", 2}, 20s);
    clock.advance(15s);
    CHECK(cache.get("k", soon(clock)).value() == std::string("\0\xff", 2));
  }

  TEST_CASE("flush forgets everything") {
    VirtualClock clock;
    FakeDraftCache cache{clock};
    cache.put("k", "v");
    cache.flush();
    CHECK(cache.peek("k") == std::nullopt);
    CHECK(cache.size() == 0);
  }

  TEST_CASE("past its deadline a call does nothing") {
    VirtualClock clock;
    FakeDraftCache cache{clock};
    CHECK(cache.set(std::array{CacheWrite{"a", "1", 10s}}, over(clock)).error() == Error{Errc::deadline_exceeded});
    CHECK(cache.peek("a") == std::nullopt);
    CHECK(cache.get("a", over(clock)).error() == Error{Errc::deadline_exceeded});
  }

  TEST_CASE("threads may share it") {
    FakeDraftCache cache;
    on_threads(4, [&](int i) {
      const std::string key = std::to_string(i % 2);
      for (int n = 0; n < 200; ++n) {
        static_cast<void>(cache.set(std::array{CacheWrite{key, key, 10s}}, Deadline::after(10s)));
        static_cast<void>(cache.get(key, Deadline::after(10s)));
      }
    });
    CHECK(cache.peek("0") == "0");
    CHECK(cache.peek("1") == "1");
  }
}

TEST_SUITE("FakeEventPublisher") {
  TEST_CASE("messages are kept in order, and own their text") {
    VirtualClock clock;
    FakeEventPublisher publisher{clock};
    for (const std::uint64_t number : {2U, 1U}) {
      const std::string source = "/temporary";
      REQUIRE(publisher.publish(EventMessage{draft_created(sample_draft(number)), source}, soon(clock)));
    }
    const auto messages = publisher.messages();
    REQUIRE(messages.size() == 2);
    CHECK(messages[0].key == "draft-2");
    CHECK(messages[1].id == "draft-1.EventDraftCreated");
    CHECK(messages[1].topic == "event-topic");
    CHECK(messages[1].headers.at(2) == std::pair<std::string, std::string>{"ce_source", "/temporary"});
    CHECK(messages[1].payload.starts_with(R"({"eventDraftId":"draft-1",)"));
  }

  TEST_CASE("past its deadline a message is not kept") {
    VirtualClock clock;
    FakeEventPublisher publisher{clock};
    CHECK(publisher.publish(EventMessage{draft_created(sample_draft()), "/x"}, over(clock)).error() ==
          Error{Errc::deadline_exceeded});
    CHECK(publisher.size() == 0);
  }

  TEST_CASE("threads may share it") {
    FakeEventPublisher publisher;
    on_threads(4, [&](int) {
      for (int n = 0; n < 50; ++n) {
        static_cast<void>(publisher.publish(EventMessage{draft_created(sample_draft()), "/x"}, Deadline::after(10s)));
      }
    });
    CHECK(publisher.size() == 200);
  }
}
