#include <event_draft/testing/fakes.hpp>

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <chrono>
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
