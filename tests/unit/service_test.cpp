#include <doctest/doctest.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include <event_draft.hpp>
#include <event_draft/testing/fake_event_publisher.hpp>
#include <event_draft/testing/mocks.hpp>

using namespace event_draft;
using namespace event_draft::testing;
using namespace std::chrono_literals;

namespace {

#ifdef EVENT_DRAFT_TESTING_AWAITS
template <class T>
constexpr bool awaits = false;
template <PublishOrder order, class... Ports>
constexpr bool awaits<AwaitedService<order, Ports...>> = true;
static_assert(awaits<decltype(service_over(std::declval<MockPorts&>()))>);  // not the driver of a header parsed before
#endif

constexpr const char* sample_entry =
    R"({"version":1,"eventDraftId":"draft-1","userId":123,"objective":"신규 고객 유치","storeName":"맛있는집",)"
    R"("industry":"음식점","address":"서울시 강남구","status":"DRAFT","createdAt":"2026-11-23T09:00:00.123Z"})";

const Options replacing{.in_progress = InProgressPolicy::replace_if_different};

EventDraft created_at(Timestamp time, std::int64_t user_id = sample_user) {
  EventDraft draft = sample_draft(1, user_id);
  draft.created_at = time;
  return draft;
}

NewEventDraft replacing_draft(std::uint64_t number, Objective objective) {
  NewEventDraft draft = sample_new_draft();
  draft.objective = objective;
  draft.replaces = DraftId::numbered(number);
  return draft;
}

/// Steps 4 and 5 go well, and are of no interest.
#define ALLOW_CACHE_AND_PUBLISH(ports)                    \
  ALLOW_CALL((ports).cache, set(_, _)).RETURN(success()); \
  ALLOW_CALL((ports).publisher, publish(_, _)).RETURN(success())

#define FORBID_EFFECTS(ports)                  \
  FORBID_CALL((ports).repository, save(_, _)); \
  FORBID_CALL((ports).cache, set(_, _));       \
  FORBID_CALL((ports).publisher, publish(_, _))

}  // namespace

TEST_SUITE("create") {
  TEST_CASE("the whole flow, in the diagram's order") {
    MockPorts ports;
    trompeloeil::sequence flow;
    std::string written;
    std::vector<RecordedMessage> sent;
    REQUIRE_CALL(ports.cache, get("draft:event:123", _)).IN_SEQUENCE(flow).RETURN(cache_miss);
    REQUIRE_CALL(ports.repository, save(sample_new_draft(), _)).IN_SEQUENCE(flow).RETURN(inserted(sample_draft()));
    REQUIRE_CALL(ports.cache, set(_, _)).IN_SEQUENCE(flow).LR_SIDE_EFFECT(written = describe(_1)).RETURN(success());
    REQUIRE_CALL(ports.publisher, publish(_, _))
        .IN_SEQUENCE(flow)
        .LR_SIDE_EFFECT(sent.emplace_back(_1))
        .RETURN(success());

    const auto receipt = create(ports);

    REQUIRE(receipt);
    CHECK(receipt.value().draft == sample_draft());
    CHECK(receipt.value().origin == Origin::created);
    CHECK_FALSE(receipt.value().differs);
    CHECK(receipt.value().event == EventDelivery::acknowledged);
    CHECK(receipt.value().degraded.empty());
    CHECK(written ==
          fmt::format("[draft:event:draft-1 = {0} for 86400 s; draft:event:123 = {0} for 1800 s]", sample_entry));
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].topic == "event-topic");
    CHECK(sent[0].key == "draft-1");
    CHECK(
        sent[0].payload ==
        R"({"eventDraftId":"draft-1","userId":123,"objective":"신규 고객 유치","createdAt":"2026-11-23T09:00:00.123Z"})");
    const std::vector<std::pair<std::string, std::string>> headers{
        {"ce_specversion", "1.0"},           {"ce_id", "draft-1.EventDraftCreated"},  {"ce_source", "/event-draft"},
        {"ce_type", "EventDraftCreated"},    {"ce_time", "2026-11-23T09:00:00.123Z"}, {"ce_subject", "draft-1"},
        {"content-type", "application/json"}};
    CHECK(sent[0].headers == headers);
    CHECK(ports.observer.log() == "lookup miss, validate ok, save ok, cache ok, publish ok");
  }

  TEST_CASE("a hit skips all the rest") {
    MockPorts ports;
    FORBID_EFFECTS(ports);
    REQUIRE_CALL(ports.cache, get("draft:event:123", _)).RETURN(std::string{sample_entry});

    const auto receipt = create(ports);

    REQUIRE(receipt);
    CHECK(receipt.value().draft == sample_draft());
    CHECK(receipt.value().origin == Origin::in_progress);
    CHECK_FALSE(receipt.value().differs);
    CHECK(receipt.value().event == EventDelivery::none);
    CHECK(ports.observer.log() == "lookup hit");
  }

  TEST_CASE("a hit that differs from the command is returned, and said to differ") {
    const std::array commands{with_objective("매출 증대"), with_objective("무료 나눔"),
                              with_store("x", "음식점", "서울시 강남구"), with_store("맛있는집", "x", "서울시 강남구"),
                              with_store("맛있는집", "음식점", "")};
    for (const auto& command : commands) {
      CAPTURE(command);
      MockPorts ports;
      FORBID_EFFECTS(ports);
      REQUIRE_CALL(ports.cache, get(_, _)).RETURN(cache_hit(sample_draft()));
      const auto receipt = create(ports, command);
      REQUIRE(receipt);
      CHECK(receipt.value().differs);
      CHECK(receipt.value().draft == sample_draft());
    }
  }

  TEST_CASE("a cached draft is in its window for 30 minutes, whichever clock was ahead") {
    const std::array<std::pair<Timestamp, bool>, 4> cases{{{VirtualClock::start - 30min + 1ms, true},
                                                           {VirtualClock::start - 30min, false},
                                                           {VirtualClock::start + 30min - 1ms, true},
                                                           {VirtualClock::start + 30min, false}}};
    for (const auto& [time, in_window] : cases) {
      CAPTURE(time);
      MockPorts ports;
      ALLOW_CACHE_AND_PUBLISH(ports);
      ALLOW_CALL(ports.repository, save(_, _)).RETURN(inserted(sample_draft(2)));
      REQUIRE_CALL(ports.cache, get(_, _)).RETURN(cache_hit(created_at(time)));
      const auto receipt = create(ports);
      REQUIRE(receipt);
      CHECK(receipt.value().origin == (in_window ? Origin::in_progress : Origin::created));
      CHECK(ports.observer.steps().front().outcome == (in_window ? StepOutcome::hit : StepOutcome::expired));
    }
  }

  TEST_CASE("a cached value that can't be used is a miss, and the observer hears why") {
    const std::string entry = sample_entry;
    std::string version_2 = entry;
    version_2.replace(version_2.find(":1,"), 3, ":2,");
    const std::array<std::pair<std::string, StepOutcome>, 7> cases{{
        {"", StepOutcome::damaged},
        {"{}", StepOutcome::damaged},
        {std::string(5000, '\0'), StepOutcome::damaged},
        {entry.substr(0, entry.size() - 1), StepOutcome::damaged},
        {entry + " ", StepOutcome::damaged},
        {version_2, StepOutcome::damaged},
        {*cache_hit(sample_draft(1, 124)), StepOutcome::foreign},
    }};
    for (const auto& [value, outcome] : cases) {
      CAPTURE(value);
      MockPorts ports;
      ALLOW_CACHE_AND_PUBLISH(ports);
      REQUIRE_CALL(ports.cache, get(_, _)).LR_RETURN(value);
      REQUIRE_CALL(ports.repository, save(_, _)).RETURN(inserted(sample_draft(2)));
      const auto receipt = create(ports);
      REQUIRE(receipt);
      CHECK(receipt.value().draft == sample_draft(2));
      CHECK(receipt.value().degraded.empty());
      CHECK(ports.observer.steps().front().outcome == outcome);
      CHECK(ports.observer.steps().front().draft_id.empty());
    }
  }

  TEST_CASE("an unknown objective is EVENT_001, and nothing is saved, cached or published") {
    MockPorts ports;
    FORBID_EFFECTS(ports);
    REQUIRE_CALL(ports.cache, get("draft:event:123", _)).RETURN(cache_miss);
    const auto receipt = create(ports, with_objective("무료 나눔"));
    REQUIRE_FALSE(receipt);
    CHECK(receipt.error() == Error{Errc::invalid_objective, {Field::objective}});
    CHECK(ports.observer.log() == "lookup miss, validate rejected");
  }

  TEST_CASE("missing store information is EVENT_002 naming every field, and nothing is saved, cached or published") {
    MockPorts ports;
    FORBID_EFFECTS(ports);
    REQUIRE_CALL(ports.cache, get("draft:event:123", _)).RETURN(cache_miss);
    const auto receipt = create(ports, with_store("", "음식점", " \u3000"));
    REQUIRE_FALSE(receipt);
    CHECK(receipt.error() == Error{Errc::missing_store_info, {Field::store_name, Field::address}});
    CHECK(ports.observer.log() == "lookup miss, validate rejected");
  }

  TEST_CASE("rules are judged in order: the objective, what is missing, what is unacceptable") {
    auto all_wrong = with_store("", "\x01", "서울시 강남구");
    all_wrong.objective = "?";
    const std::array<std::pair<CreateEventDraft, Error>, 3> cases{
        {{all_wrong, {Errc::invalid_objective, {Field::objective}}},
         {with_store("", "\x01", "서울시 강남구"), {Errc::missing_store_info, {Field::store_name}}},
         {with_store("맛있는집", "\x01", "\xff"), {Errc::invalid_store_info, {Field::industry, Field::address}}}}};
    for (const auto& [command, error] : cases) {
      MockPorts ports;
      FORBID_EFFECTS(ports);
      REQUIRE_CALL(ports.cache, get(_, _)).RETURN(cache_miss);
      const auto receipt = create(ports, command);
      REQUIRE_FALSE(receipt);
      CHECK(receipt.error() == error);
    }
  }

  TEST_CASE("a user id that is not positive is refused before any port is called") {
    for (const std::int64_t user_id : {std::int64_t{0}, std::int64_t{-1}, std::numeric_limits<std::int64_t>::min()}) {
      MockPorts ports;
      FORBID_CALL(ports.cache, get(_, _));
      FORBID_EFFECTS(ports);
      const auto receipt = create(ports, sample_command(user_id));
      REQUIRE_FALSE(receipt);
      CHECK(receipt.error() == Error{Errc::invalid_user, {Field::user_id}});
      CHECK(ports.observer.log() == "validate rejected");
    }
  }

  TEST_CASE("the draft that holds the window in the repository comes back; nothing is cached or published") {
    MockPorts ports;
    FORBID_CALL(ports.cache, set(_, _));
    FORBID_CALL(ports.publisher, publish(_, _));
    REQUIRE_CALL(ports.cache, get(_, _)).RETURN(cache_miss);
    REQUIRE_CALL(ports.repository, save(_, _)).RETURN(already_there(created_at(VirtualClock::start - 5min)));
    const auto receipt = create(ports, with_objective("매출 증대"));
    REQUIRE(receipt);
    CHECK(receipt.value().origin == Origin::in_progress);
    CHECK(receipt.value().differs);
    CHECK(receipt.value().event == EventDelivery::none);
    CHECK(ports.observer.log() == "lookup miss, validate ok, save in_progress");
  }

  TEST_CASE("another user's draft is never handed out, whatever the repository says") {
    for (const bool fresh : {true, false}) {
      MockPorts ports;
      FORBID_CALL(ports.cache, set(_, _));
      FORBID_CALL(ports.publisher, publish(_, _));
      REQUIRE_CALL(ports.cache, get(_, _)).RETURN(cache_miss);
      ALLOW_CALL(ports.repository, save(_, _)).RETURN(SavedDraft{sample_draft(1, 124), fresh});
      const auto receipt = create(ports);
      REQUIRE_FALSE(receipt);
      CHECK(receipt.error() == Error{Errc::corrupt_draft, {}, Certainty::unknown});
      CHECK(ports.observer.steps().back().outcome == StepOutcome::foreign);
    }
  }

  TEST_CASE("a corrupt row stays what it is") {
    MockPorts ports;
    REQUIRE_CALL(ports.cache, get(_, _)).RETURN(cache_miss);
    REQUIRE_CALL(ports.repository, save(_, _)).RETURN(Error{Errc::corrupt_draft});
    CHECK(create(ports).error() == Error{Errc::corrupt_draft});
  }

  TEST_CASE("a failed save whose effect is said to be there is tried again, and gives the draft") {
    MockPorts ports;
    trompeloeil::sequence tries;
    ALLOW_CACHE_AND_PUBLISH(ports);
    REQUIRE_CALL(ports.cache, get(_, _)).RETURN(cache_miss);
    REQUIRE_CALL(ports.repository, save(_, _))
        .IN_SEQUENCE(tries)
        .RETURN(Error{Errc::deadline_exceeded, {}, Certainty::applied});
    REQUIRE_CALL(ports.repository, save(_, _)).IN_SEQUENCE(tries).RETURN(already_there(sample_draft()));
    const auto receipt = create(ports);
    REQUIRE(receipt);
    CHECK(receipt.value().origin == Origin::created);
  }

  TEST_CASE("a well-formed traceparent goes with the event, any other is left out") {
    const std::string good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    for (const std::string& traceparent : {good, good + "0", std::string{"garbage"}, std::string{}}) {
      CAPTURE(traceparent);
      MockPorts ports;
      std::vector<RecordedMessage> sent;
      REQUIRE_CALL(ports.cache, get(_, _)).RETURN(cache_miss);
      REQUIRE_CALL(ports.repository, save(_, _)).RETURN(inserted(sample_draft()));
      REQUIRE_CALL(ports.cache, set(_, _)).RETURN(success());
      REQUIRE_CALL(ports.publisher, publish(_, _)).LR_SIDE_EFFECT(sent.emplace_back(_1)).RETURN(success());
      auto command = sample_command();
      command.traceparent = traceparent;
      REQUIRE(create(ports, command));
      REQUIRE(sent.size() == 1);
      CHECK(sent[0].headers.size() == (traceparent == good ? 8U : 7U));
      if (traceparent == good) CHECK(sent[0].headers.back() == std::pair{std::string{"traceparent"}, good});
    }
  }

  TEST_CASE("the host names the source of its events") {
    MockPorts ports;
    std::vector<RecordedMessage> sent;
    REQUIRE_CALL(ports.cache, get(_, _)).RETURN(cache_miss);
    REQUIRE_CALL(ports.repository, save(_, _)).RETURN(inserted(sample_draft()));
    REQUIRE_CALL(ports.cache, set(_, _)).RETURN(success());
    REQUIRE_CALL(ports.publisher, publish(_, _)).LR_SIDE_EFFECT(sent.emplace_back(_1)).RETURN(success());
    REQUIRE(create(ports, sample_command(), {.event_source = "/shop/seoul"}));
    CHECK(sent.at(0).headers.at(2).second == "/shop/seoul");
  }
}

TEST_SUITE("replace_if_different") {
  TEST_CASE("a cached draft that differs is replaced by name") {
    MockPorts ports;
    ALLOW_CACHE_AND_PUBLISH(ports);
    REQUIRE_CALL(ports.cache, get(_, _)).RETURN(cache_hit(sample_draft(7)));
    REQUIRE_CALL(ports.repository, save(replacing_draft(7, Objective::sales_growth), _))
        .RETURN(inserted(sample_draft(8)));
    const auto receipt = create(ports, with_objective("매출 증대"), replacing);
    REQUIRE(receipt);
    CHECK(receipt.value().draft == sample_draft(8));
    CHECK(receipt.value().origin == Origin::created);
    CHECK(receipt.value().event == EventDelivery::acknowledged);
  }

  TEST_CASE("a cached draft that is the same comes back") {
    MockPorts ports;
    FORBID_EFFECTS(ports);
    REQUIRE_CALL(ports.cache, get(_, _)).RETURN(cache_hit(sample_draft(7)));
    const auto receipt = create(ports, sample_command(), replacing);
    REQUIRE(receipt);
    CHECK(receipt.value().origin == Origin::in_progress);
  }

  TEST_CASE("a command that breaks a rule replaces nothing") {
    MockPorts ports;
    FORBID_EFFECTS(ports);
    REQUIRE_CALL(ports.cache, get(_, _)).RETURN(cache_hit(sample_draft(7)));
    CHECK(create(ports, with_objective("무료 나눔"), replacing).error() == Errc::invalid_objective);
  }

  TEST_CASE("a holder that only the repository knows is replaced too") {
    MockPorts ports;
    trompeloeil::sequence tries;
    ALLOW_CACHE_AND_PUBLISH(ports);
    NewEventDraft plain = replacing_draft(7, Objective::sales_growth);
    plain.replaces.reset();
    REQUIRE_CALL(ports.cache, get(_, _)).RETURN(cache_miss);
    REQUIRE_CALL(ports.repository, save(plain, _)).IN_SEQUENCE(tries).RETURN(already_there(sample_draft(7)));
    REQUIRE_CALL(ports.repository, save(replacing_draft(7, Objective::sales_growth), _))
        .IN_SEQUENCE(tries)
        .RETURN(inserted(sample_draft(8)));
    const auto receipt = create(ports, with_objective("매출 증대"), replacing);
    REQUIRE(receipt);
    CHECK(receipt.value().draft == sample_draft(8));
    CHECK(receipt.value().origin == Origin::created);
    CHECK(ports.observer.log() == "lookup miss, validate ok, save in_progress, save ok, cache ok, publish ok");
  }

  TEST_CASE("who loses the race to replace twice gets the winner's draft") {
    MockPorts ports;
    FORBID_CALL(ports.cache, set(_, _));
    FORBID_CALL(ports.publisher, publish(_, _));
    REQUIRE_CALL(ports.cache, get(_, _)).RETURN(cache_hit(sample_draft(7)));
    trompeloeil::sequence tries;
    REQUIRE_CALL(ports.repository, save(replacing_draft(7, Objective::sales_growth), _))
        .IN_SEQUENCE(tries)
        .RETURN(already_there(sample_draft(8)));
    REQUIRE_CALL(ports.repository, save(replacing_draft(8, Objective::sales_growth), _))
        .IN_SEQUENCE(tries)
        .RETURN(already_there(sample_draft(9)));
    const auto receipt = create(ports, with_objective("매출 증대"), replacing);
    REQUIRE(receipt);
    CHECK(receipt.value().draft == sample_draft(9));
    CHECK(receipt.value().origin == Origin::in_progress);
    CHECK(receipt.value().differs);
  }
}

TEST_SUITE("find") {
  TEST_CASE("a hit skips the repository") {
    MockPorts ports;
    FORBID_CALL(ports.repository, find(_, _));
    FORBID_CALL(ports.cache, set(_, _));
    REQUIRE_CALL(ports.cache, get("draft:event:draft-1", _)).RETURN(std::string{sample_entry});
    const auto found = find(ports);
    REQUIRE(found);
    CHECK(found.value().draft == sample_draft());
    CHECK(found.value().from_cache);
    CHECK(ports.observer.log() == "lookup hit");
  }

  TEST_CASE("a draft past its window can still be read from the cache") {
    MockPorts ports;
    const EventDraft old = created_at(VirtualClock::start - 23h);
    REQUIRE_CALL(ports.cache, get(_, _)).RETURN(cache_hit(old));
    CHECK(find(ports).value().draft == old);
  }

  TEST_CASE("a miss asks the repository and fills the cache under the draft's key alone") {
    MockPorts ports;
    trompeloeil::sequence flow;
    std::string written;
    REQUIRE_CALL(ports.cache, get("draft:event:draft-1", _)).IN_SEQUENCE(flow).RETURN(cache_miss);
    REQUIRE_CALL(ports.repository, find(DraftId::numbered(1), _)).IN_SEQUENCE(flow).RETURN(sample_draft());
    REQUIRE_CALL(ports.cache, set(_, _)).IN_SEQUENCE(flow).LR_SIDE_EFFECT(written = describe(_1)).RETURN(success());
    const auto found = find(ports);
    REQUIRE(found);
    CHECK(found.value().draft == sample_draft());
    CHECK_FALSE(found.value().from_cache);
    CHECK(written == fmt::format("[draft:event:draft-1 = {} for 86400 s]", sample_entry));
    CHECK(ports.observer.log() == "lookup miss, load ok, cache ok");
  }

  TEST_CASE("a cached value of another user or another draft is not believed") {
    for (const EventDraft& cached : {sample_draft(1, 124), sample_draft(2)}) {
      CAPTURE(cached);
      MockPorts ports;
      REQUIRE_CALL(ports.cache, get(_, _)).RETURN(cache_hit(cached));
      REQUIRE_CALL(ports.repository, find(_, _)).RETURN(sample_draft());
      REQUIRE_CALL(ports.cache, set(_, _)).RETURN(success());
      CHECK(find(ports).value().draft == sample_draft());
      CHECK(ports.observer.log() == "lookup foreign, load ok, cache ok");
    }
  }

  TEST_CASE("for anyone but its owner the draft does not exist, and is not cached") {
    const std::array<std::pair<std::optional<EventDraft>, StepOutcome>, 3> cases{
        {{std::nullopt, StepOutcome::miss},
         {sample_draft(1, 124), StepOutcome::foreign},
         {sample_draft(2), StepOutcome::foreign}}};
    for (const auto& [stored, outcome] : cases) {
      CAPTURE(stored);
      MockPorts ports;
      FORBID_CALL(ports.cache, set(_, _));
      REQUIRE_CALL(ports.cache, get(_, _)).RETURN(cache_miss);
      REQUIRE_CALL(ports.repository, find(_, _)).LR_RETURN(stored);
      CHECK(find(ports).error() == Error{Errc::draft_not_found});
      CHECK(ports.observer.steps().back().outcome == outcome);
    }
  }

  TEST_CASE("a corrupt row stays what it is; any other failure of the repository is unavailability") {
    const std::array<std::pair<Error, Error>, 3> cases{
        {{Errc::corrupt_draft, Errc::corrupt_draft},
         {Errc::deadline_exceeded, Errc::storage_unavailable},
         {{Errc::internal_error, {}, Certainty::unknown}, {Errc::storage_unavailable, {}, Certainty::unknown}}}};
    for (const auto& [said, expected] : cases) {
      MockPorts ports;
      FORBID_CALL(ports.cache, set(_, _));
      REQUIRE_CALL(ports.cache, get(_, _)).RETURN(cache_miss);
      REQUIRE_CALL(ports.repository, find(_, _)).LR_RETURN(said);
      CHECK(find(ports).error() == expected);
      CHECK(ports.observer.steps().back().error == said);
    }
  }

  TEST_CASE("a user id that is not positive is refused before any port is called") {
    MockPorts ports;
    FORBID_CALL(ports.cache, get(_, _));
    FORBID_CALL(ports.repository, find(_, _));
    CHECK(find(ports, DraftId::numbered(1), 0).error() == Errc::invalid_user);
  }
}
