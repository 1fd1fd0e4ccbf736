#include <event_draft/testing/mocks.hpp>

#include <doctest/doctest.h>

#include <array>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

using namespace event_draft;
using namespace event_draft::testing;

namespace host {

struct Described {};
std::string describe(const Described&) { return "in the host's words"; }

}  // namespace host

namespace {

struct Foreign {};

template <class T>
std::string in_doctest(const T& value) {
  return doctest::toString(value).c_str();
}

template <class T>
std::string in_trompeloeil(const T& value) {
  std::ostringstream out;
  trompeloeil::print(out, value);
  return out.str();
}

constexpr const char* sample_text =
    R"(draft-1 of user 123: 신규 고객 유치, "맛있는집", "음식점", "서울시 강남구", DRAFT, 2026-11-23T09:00:00.123Z)";

}  // namespace

// [testing-a-rule]
TEST_CASE("an unknown objective is EVENT_001, and nothing is saved") {
  MockPorts ports;
  REQUIRE_CALL(ports.cache, get("draft:event:123", _)).RETURN(cache_miss);
  FORBID_CALL(ports.repository, save(_, _));
  CHECK(create(ports, with_objective("무료 나눔")).error() == Errc::invalid_objective);
}
// [/testing-a-rule]

// The service catches what a mock throws; these three pass only if doctest counts the violation nevertheless.
TEST_CASE("a call that is forbidden fails the test" * doctest::expected_failures(2)) {  // the save is tried twice
  MockPorts ports;
  REQUIRE_CALL(ports.cache, get(_, _)).RETURN(cache_miss);
  FORBID_CALL(ports.repository, save(_, _));
  static_cast<void>(create(ports));
}

TEST_CASE("a call that nobody expects fails the test" * doctest::expected_failures(1)) {
  MockPorts ports;
  REQUIRE_CALL(ports.cache, get(_, _)).RETURN(cache_miss);
  REQUIRE_CALL(ports.repository, save(_, _)).RETURN(inserted(sample_draft()));
  REQUIRE_CALL(ports.cache, set(_, _)).RETURN(success());
  static_cast<void>(create(ports));
}

TEST_CASE("an observer's violated expectation fails the test and nothing else" * doctest::expected_failures(2)) {
  MockObserver observer;
  FORBID_CALL(observer, on_step(_));
  observer.on_step({Operation::create, Step::lookup, StepOutcome::hit, {}, 123, {}, {}});
  observer.on_exception(Step::save, "disk full");
}

TEST_CASE("an outbox's violated expectation fails the test, though what it belongs to must not throw" *
          doctest::expected_failures(1)) {
  MockEventOutbox outbox;
  outbox.settle_later(Settlement::published({{DraftId::numbered(1), EventType::event_created}, LeaseToken{7}}));
}

TEST_CASE("an expectation that is not met fails the test" * doctest::expected_failures(1)) {
  MockPorts ports;
  REQUIRE_CALL(ports.publisher, publish(_, _)).RETURN(success());
}

TEST_CASE("drafts, errors and results read as they do in a log line") {
  CHECK(in_doctest(sample_draft()) == sample_text);
  CHECK(in_trompeloeil(sample_draft()) == sample_text);
  CHECK(in_doctest(Error{Errc::missing_store_info, {Field::address}}) ==
        "EVENT_002 Store information is missing. (address)");
  CHECK(in_doctest(Result<EventDraft>{sample_draft()}) == sample_text);
  CHECK(in_trompeloeil(Result<EventDraft>{Errc::draft_not_found}) ==
        "error: DRAFT_NOT_FOUND There is no such event draft.");
  CHECK(in_doctest(Result<void>{success()}) == "ok");
}

TEST_CASE("what ports pass and return reads well too") {
  CHECK(in_doctest(Result<std::optional<EventDraft>>{std::nullopt}) == "nothing");
  CHECK(in_doctest(Result<std::optional<EventDraft>>{sample_draft()}) == sample_text);
  CHECK(in_doctest(Result<std::optional<std::string>>{std::string{"v"}}) == R"("v")");
  CHECK(in_doctest(std::optional<Error>{}) == "nothing");
  CHECK(in_trompeloeil(Deadline{SteadyTime{} + std::chrono::microseconds{5}}) == "deadline at steady 5000 ns");
  const std::array writes{CacheWrite{"k", "v", std::chrono::seconds{3}}, CacheWrite{"l", "w", std::chrono::seconds{4}}};
  CHECK(in_trompeloeil(std::span<const CacheWrite>{writes}) == "[k = v for 3 s; l = w for 4 s]");
  const Settlement settled = Settlement::published({{DraftId::numbered(1), EventType::event_created}, LeaseToken{7}});
  CHECK(in_trompeloeil(std::span<const Settlement>{&settled, 1}) == "[draft-1.EventCreated under lease 7: published]");
  CHECK(in_doctest(std::vector{settled, settled}).find("; ") != std::string::npos);
  CHECK(in_doctest(Result<std::vector<LeasedEvent>>{std::vector<LeasedEvent>{}}) == "[]");
  CHECK(in_doctest(VirtualClock::start) == "2026-11-23T09:00:00.123Z");
  CHECK(in_doctest(std::optional{std::chrono::nanoseconds{2}}) == "2 ns");
  CHECK(in_trompeloeil(EventMessage{draft_created(sample_draft()), "/x"}) ==
        R"(event-topic draft-1.EventDraftCreated {"eventDraftId":"draft-1","userId":123,)"
        R"("objective":"신규 고객 유치","createdAt":"2026-11-23T09:00:00.123Z"})");
}

TEST_CASE("what has no words of ours is left to doctest, and a host's own words are used") {
  CHECK(std::optional{Foreign{}});
  CHECK(Result<Foreign>{Foreign{}});
  CHECK(doctest::toString(std::optional{Foreign{}}) == "{?}");
  CHECK(doctest::toString(Result<Foreign>{Foreign{}}) == "{?}");
  CHECK(doctest::toString(std::optional{host::Described{}}) == "in the host's words");
  CHECK(doctest::toString(Result<host::Described>{host::Described{}}) == "in the host's words");
}

TEST_CASE("enumerators read as words") {
  CHECK(toString(Errc::invalid_objective) == "EVENT_001");
  CHECK(toString(Certainty::unknown) == "unknown");
  CHECK(toString(Field::store_name) == "storeName");
  CHECK(toString(Objective::sales_growth) == "매출 증대");
  CHECK(toString(DraftStatus::draft) == "DRAFT");
  CHECK(toString(Step::lookup) == "lookup");
  CHECK(toString(StepOutcome::lost) == "lost");
  CHECK(toString(Operation::find) == "find");
  CHECK(toString(Origin::in_progress) == "in_progress");
  CHECK(toString(EventDelivery::pending) == "pending");
  CHECK(toString(Approval::already_approved) == "already_approved");
  CHECK(toString(EventType::event_created) == "EventCreated");
  CHECK(toString(PortFunction::remove_published) == "remove_published");
  CHECK(in_trompeloeil(Step::publish) == "publish");
}

TEST_CASE("the samples are the specification's example") {
  CHECK(steps::validate(sample_command(), UserId::make(sample_user).value(), VirtualClock::start).value() ==
        sample_new_draft());
  CHECK(steps::is_stored_form_of(sample_new_draft(), sample_draft(5)));
  CHECK(decode_cache_entry(*cache_hit(sample_draft())) == sample_draft());
}
