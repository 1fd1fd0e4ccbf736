#include <doctest/doctest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <string>
#include <string_view>

#include <event_draft/controller/responses.hpp>

#include "response_headers.hpp"

using namespace event_draft;
using namespace std::chrono_literals;

namespace {

EventDraft draft_with(std::string_view name, std::string_view industry = "음식점",
                      std::string_view address = "서울시 강남구") {
  return {DraftId::numbered(1),     UserId::make(123).value(),
          Objective::new_customers, StoreInfo::make(name, industry, address).value(),
          DraftStatus::draft,       *parse_timestamp("2026-11-23T09:00:00.123Z")};
}

StepSet step_set(std::initializer_list<Step> all) {
  StepSet set;
  for (const Step step : all) set.insert(step);
  return set;
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

const std::string nasty_names[] = {
    "\"",
    "\\",
    "\"\\\"",
    "\\u0041",
    "</script>",
    "a/b",
    "🍜",
    repeated("\"", 100),
    repeated("\\", 100),
    repeated("🍜", 100),
    repeated("가", 100),
    "가\u0301\u200D",
    "{\"a\":1}",
    "\u2028\u2029x",
    "\U0010FFFD",
};

}  // namespace

TEST_CASE("a created draft is answered with exactly the specification's four members") {
  const auto response =
      created_response({draft_with("맛있는집"), Origin::created, false, EventDelivery::acknowledged, {}, {}});
  CHECK(response.status == 200);
  CHECK(response.content_type == "application/json");
  CHECK(response.body ==
        R"({"eventDraftId":"draft-1","objective":"신규 고객 유치","storeName":"맛있는집","status":"DRAFT"})");
  CHECK(test::headers_of(response) ==
        "X-Draft-Origin: created\nX-Draft-Differs: false\nX-Event-Delivery: acknowledged\n");
}

TEST_CASE("the headers of a create tell what happened on the way") {
  StepDurations durations;
  durations.add(Step::publish, 1500us);
  durations.add(Step::lookup, 50ms);
  durations.add(Step::cache, 499ns);
  durations.add(Step::save, 12345678ns);
  const auto response = created_response({draft_with("x"), Origin::in_progress, true, EventDelivery::none,
                                          step_set({Step::cache, Step::lookup}), durations});
  CHECK(test::headers_of(response) ==
        "X-Draft-Origin: in_progress\nX-Draft-Differs: true\nX-Event-Delivery: none\nX-Draft-Degraded: lookup, cache\n"
        "Server-Timing: lookup;dur=50.000, save;dur=12.346, cache;dur=0.000, publish;dur=1.500\n");
  for (const auto& [delivery, value] :
       {std::pair{EventDelivery::pending, "pending"}, std::pair{EventDelivery::lost, "lost"}}) {
    const auto other =
        created_response({draft_with("x"), Origin::created, false, delivery, step_set({Step::cache}), {}});
    CHECK(test::headers_of(other) == "X-Draft-Origin: created\nX-Draft-Differs: false\nX-Event-Delivery: " +
                                         std::string{value} + "\nX-Draft-Degraded: cache\n");
  }
}

TEST_CASE("a draft that was found is answered whole") {
  StepDurations durations;
  durations.add(Step::lookup, 123us);
  const auto response = found_response({draft_with("맛있는집"), true, {}, durations});
  CHECK(response.status == 200);
  CHECK(response.content_type == "application/json");
  CHECK(
      response.body ==
      R"({"eventDraftId":"draft-1","userId":123,"objective":"신규 고객 유치","storeName":"맛있는집","industry":"음식점",)"
      R"("address":"서울시 강남구","status":"DRAFT","createdAt":"2026-11-23T09:00:00.123Z"})");
  CHECK(test::headers_of(response) == "Server-Timing: lookup;dur=0.123\n");
  CHECK(test::headers_of(found_response({draft_with("x"), false, step_set({Step::lookup}), {}})) ==
        "X-Draft-Degraded: lookup\n");
}

TEST_CASE("an approved draft is answered whole, with its approval and what became of the event") {
  auto draft = draft_with("맛있는집");
  draft.status = DraftStatus::approved;
  StepDurations durations;
  durations.add(Step::cache, 123us);
  durations.add(Step::approve, 1500us);
  const auto response =
      approved_response({draft, Approval::approved, EventDelivery::pending, step_set({Step::cache}), durations});
  CHECK(response.status == 200);
  CHECK(response.content_type == "application/json");
  CHECK(
      response.body ==
      R"({"eventDraftId":"draft-1","userId":123,"objective":"신규 고객 유치","storeName":"맛있는집","industry":"음식점",)"
      R"("address":"서울시 강남구","status":"APPROVED","createdAt":"2026-11-23T09:00:00.123Z"})");
  CHECK(test::headers_of(response) ==
        "X-Draft-Approval: approved\nX-Event-Delivery: pending\nX-Draft-Degraded: cache\n"
        "Server-Timing: approve;dur=1.500, cache;dur=0.123\n");
  CHECK(test::headers_of(approved_response({draft, Approval::already_approved, EventDelivery::none, {}, {}})) ==
        "X-Draft-Approval: already_approved\nX-Event-Delivery: none\n");
}

TEST_CASE("durations are milliseconds with three decimals") {
  const auto text = [](std::chrono::nanoseconds duration) {
    return std::string{detail::milliseconds_text(duration).view()};
  };
  CHECK(text(0ns) == "0.000");
  CHECK(text(501ns) == "0.001");
  CHECK(text(999'999ns) == "1.000");
  CHECK(text(1'002'000ns) == "1.002");
  CHECK(text(-5ms) == "0.000");
  CHECK(text(std::chrono::nanoseconds::max()) == "9223372036854.776");
}

TEST_CASE("any store's text comes out of the JSON as it went in") {
  for (const auto& name : nasty_names) {
    CAPTURE(name);
    const auto created = boost::json::parse(
        created_response({draft_with(name), Origin::created, false, EventDelivery::acknowledged, {}, {}}).body);
    CHECK(std::string_view{created.at("storeName").as_string()} == name);
    const auto found = boost::json::parse(found_response({draft_with(name, "\"\\", "\\\""), true, {}, {}}).body);
    CHECK(std::string_view{found.at("storeName").as_string()} == name);
    CHECK(std::string_view{found.at("industry").as_string()} == "\"\\");
    CHECK(std::string_view{found.at("address").as_string()} == "\\\"");
  }
}

TEST_CASE("the longest drafts are answered whole") {
  for (const std::string_view text : {"🍜", "\"", "\\"}) {
    auto draft = draft_with(repeated(text, 100), repeated(text, 50), repeated(text, 200));
    draft.id = *DraftId::parse("draft-" + std::string(58, 'z'));
    draft.user_id = UserId::make(9223372036854775807).value();
    const auto created =
        boost::json::parse(created_response({draft, Origin::created, false, EventDelivery::lost, {}, {}}).body);
    CHECK(std::string_view{created.at("storeName").as_string()} == draft.store.name());
    CHECK(created.at("status").as_string() == "DRAFT");
    const auto found = boost::json::parse(found_response({draft, true, {}, {}}).body);
    CHECK(std::string_view{found.at("address").as_string()} == draft.store.address());
    CHECK(found.at("createdAt").as_string() == "2026-11-23T09:00:00.123Z");
  }
}

TEST_CASE("the JSON writer escapes what JSON wants escaped, wherever it stands") {
  for (int c = 0; c < 0x80; ++c) {
    for (std::size_t at = 0; at < 20; ++at) {
      std::string text(20, 'x');
      text[at] = static_cast<char>(c);
      detail::JsonWriter<256> json;
      const auto value = boost::json::parse(boost::json::string_view{json.string(text).view()});
      REQUIRE(std::string_view{value.as_string()} == text);
    }
  }
}
