#include <doctest/doctest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <exception>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <event_draft/controller.hpp>
#include <event_draft/service.hpp>

#include "allocation_limit.hpp"
#include "response_headers.hpp"
#include "samples.hpp"

using namespace event_draft;

namespace {

struct OneShopRepository {
  std::optional<EventDraft> draft;

  Result<SavedDraft> save(const NewEventDraft& new_draft, const Deadline&) {
    if (draft) return SavedDraft{*draft, false};
    draft = with_id(new_draft, DraftId::numbered(1));
    return SavedDraft{*draft, true};
  }
  Result<std::optional<EventDraft>> find(const DraftId& id, const Deadline&) const {
    return draft && draft->id == id ? draft : std::nullopt;
  }
  Result<std::optional<ApprovedDraft>> approve(const DraftApproval& approval, const Deadline&) {
    if (!draft || draft->id != approval.id || draft->user_id != approval.user_id) return std::nullopt;
    const bool now = std::exchange(draft->status, DraftStatus::approved) == DraftStatus::draft;
    return ApprovedDraft{*draft, now};
  }
};

struct BrokenCache {
  Result<std::optional<std::string>> get(std::string_view, const Deadline&) { return Errc::cache_unavailable; }
  Result<void> set(std::span<const CacheWrite>, const Deadline&) { return Errc::cache_unavailable; }
};

struct TracedPublisher {
  std::string traceparent;

  Result<void> publish(const EventMessage& message, const Deadline&) {
    for (const auto& [name, value] : message.headers()) {
      if (name == "traceparent") traceparent = value;
    }
    return success();
  }
};

struct Shop {
  OneShopRepository repository;
  BrokenCache cache;
  TracedPublisher publisher;
  EventDraftService<OneShopRepository, BrokenCache, TracedPublisher> service{accept_event_loss, repository, cache,
                                                                             publisher};
  EventController<decltype(service)> controller{service};
};

/// Answers as it is told, and remembers what it was asked.
struct ToldService {
  Result<Receipt> receipt = Errc::storage_unavailable;
  Result<FoundDraft> found = Errc::draft_not_found;
  Result<ApprovalReceipt> approved = Errc::draft_not_found;
  int calls = 0;

  Result<Receipt> create_event_draft(const CreateEventDraft&) { return ++calls, receipt; }
  Result<FoundDraft> find_event_draft(const DraftId&, std::int64_t) { return ++calls, found; }
  Result<ApprovalReceipt> approve_event_draft(const DraftId&, std::int64_t, std::string_view) {
    return ++calls, approved;
  }
};

template <class Exception>
struct ThrowingService {
  Result<Receipt> create_event_draft(const CreateEventDraft&) { throw Exception{}; }
  Result<FoundDraft> find_event_draft(const DraftId&, std::int64_t) { throw Exception{}; }
  Result<ApprovalReceipt> approve_event_draft(const DraftId&, std::int64_t, std::string_view) { throw Exception{}; }
};

struct WrongService {
  Receipt create_event_draft(const CreateEventDraft&);
};

struct ServiceWithoutApproval {
  Result<Receipt> create_event_draft(const CreateEventDraft&);
  Result<FoundDraft> find_event_draft(const DraftId&, std::int64_t);
};

static_assert(EventService<ToldService>);
static_assert(!EventService<WrongService>);
static_assert(!EventService<ServiceWithoutApproval>);
static_assert(!EventService<int>);

}  // namespace

TEST_CASE("the specification's request has the specification's answer, byte for byte") {
  Shop shop;
  const auto response = shop.controller.create({.body = samples::specified_body});
  CHECK(response.status == 200);
  CHECK(response.content_type == "application/json");
  CHECK(response.body ==
        R"({"eventDraftId":"draft-1","objective":"신규 고객 유치","storeName":"맛있는집","status":"DRAFT"})");
  const auto headers = test::headers_of(response);
  CAPTURE(headers);
  CHECK(
      headers.starts_with("X-Draft-Origin: created\nX-Draft-Differs: false\nX-Event-Delivery: acknowledged\n"
                          "X-Draft-Degraded: lookup, cache\nServer-Timing: lookup;dur="));
}

TEST_CASE("the second request gets the draft in progress, and is told so") {
  Shop shop;
  CHECK(shop.controller.create({.body = samples::specified_body}).status == 200);
  const auto response = shop.controller.create(
      {.body = R"({"userId":123,"objective":"매출 증대","storeName":"x","industry":"y","address":"z"})"});
  CHECK(response.status == 200);
  CHECK(response.body ==
        R"({"eventDraftId":"draft-1","objective":"신규 고객 유치","storeName":"맛있는집","status":"DRAFT"})");
  CHECK(test::headers_of(response).starts_with(
      "X-Draft-Origin: in_progress\nX-Draft-Differs: true\nX-Event-Delivery: none\n"));
}

TEST_CASE("the draft is read back by its owner, and by nobody else") {
  Shop shop;
  CHECK(shop.controller.create({.body = samples::specified_body}).status == 200);
  const auto response = shop.controller.find("draft-1", "123", {});
  CHECK(response.status == 200);
  CHECK(response.body.starts_with(
      R"({"eventDraftId":"draft-1","userId":123,"objective":"신규 고객 유치","storeName":"맛있는집","industry":"음식점",)"
      R"("address":"서울시 강남구","status":"DRAFT","createdAt":")"));
  const auto other = shop.controller.find("draft-1", "124", {});
  CHECK(other.status == 404);
  CHECK(other.body == R"({"code":"DRAFT_NOT_FOUND","message":"이벤트 초안을 찾을 수 없습니다."})");
  CHECK(shop.controller.find("draft-2", "123", {}).body == other.body);
  CHECK(shop.controller.find("no-draft", "123", {}).body == other.body);
}

TEST_CASE("the draft is approved by its owner, once, and by nobody else") {
  Shop shop;
  CHECK(shop.controller.create({.body = samples::specified_body}).status == 200);
  const auto other = shop.controller.approve("draft-1", "124", {});
  CHECK(other.status == 404);
  CHECK(other.body == R"({"code":"DRAFT_NOT_FOUND","message":"이벤트 초안을 찾을 수 없습니다."})");
  CHECK(shop.controller.approve("draft-2", "123", {}).body == other.body);
  CHECK(shop.controller.approve("no-draft", "123", {}).body == other.body);
  CHECK(shop.repository.draft->status == DraftStatus::draft);

  const auto response = shop.controller.approve("draft-1", "123", {});
  CHECK(response.status == 200);
  CHECK(response.content_type == "application/json");
  CHECK(response.body.starts_with(
      R"({"eventDraftId":"draft-1","userId":123,"objective":"신규 고객 유치","storeName":"맛있는집","industry":"음식점",)"
      R"("address":"서울시 강남구","status":"APPROVED","createdAt":")"));
  CHECK(
      test::headers_of(response).starts_with("X-Draft-Approval: approved\nX-Event-Delivery: acknowledged\n"
                                             "X-Draft-Degraded: cache\nServer-Timing: approve;dur="));

  const auto again = shop.controller.approve("draft-1", "123", {});
  CHECK(again.status == 200);
  CHECK(again.body == response.body);
  CHECK(test::headers_of(again).starts_with("X-Draft-Approval: already_approved\nX-Event-Delivery: none\n"));
  CHECK(shop.controller.find("draft-1", "123", {}).body == response.body);
}

TEST_CASE("an approval has no body to be read") {
  Shop shop;
  CHECK(shop.controller.create({.body = samples::specified_body}).status == 200);
  CHECK(shop.controller.approve("draft-1", "123", {.body = "{\"userId\":124"}).status == 200);
}

TEST_CASE("the trace of the request goes on in the event") {
  constexpr std::string_view trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  Shop shop;
  CHECK(shop.controller.create({.body = samples::specified_body, .traceparent = trace}).status == 200);
  CHECK(shop.publisher.traceparent == trace);
  constexpr std::string_view later = "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01";
  CHECK(shop.controller.approve("draft-1", "123", {.traceparent = later}).status == 200);
  CHECK(shop.publisher.traceparent == later);
}

TEST_CASE("what the controller refuses never reaches the service") {
  ToldService service;
  const EventController controller{service};
  struct Case {
    std::string_view body;
    std::string_view answer;
  };
  for (const auto& [body, answer] : {
           Case{R"({"userId":123,"objective":"무료 나눔"})", R"({"code":"EVENT_001","message":)"},
           Case{R"({"userId":123,"objective":"매출 증대"})", R"({"code":"EVENT_002","message":)"},
           Case{R"({"userId":"123"})", R"({"code":"MALFORMED_REQUEST","message":)"},
           Case{"", R"({"code":"MALFORMED_REQUEST","message":)"},
       }) {
    const auto response = controller.create({.body = body});
    CAPTURE(body);
    CHECK(response.status == 400);
    CHECK(response.body.starts_with(answer));
  }
  for (const auto& response : {controller.find("draft-1", "x", {}), controller.approve("draft-1", "x", {})}) {
    CHECK(response.status == 400);
    CHECK(response.body ==
          R"({"code":"MALFORMED_REQUEST","message":"요청 형식이 올바르지 않습니다.","fields":["userId"]})");
  }
  CHECK(controller.find("x", "1", {}).status == 404);
  CHECK(controller.approve("x", "1", {}).status == 404);
  CHECK(service.calls == 0);
}

TEST_CASE("the service's failures are answered in the form and the language asked for") {
  ToldService service{.receipt = Error{Errc::storage_unavailable, {}, Certainty::unknown},
                      .found = Errc::invalid_user,
                      .approved = Error{Errc::storage_unavailable, {}, Certainty::unknown}};
  const EventController controller{service};
  const auto response = controller.create(
      {.body = samples::specified_body, .accept = "application/problem+json", .accept_language = "en"});
  CHECK(response.status == 503);
  CHECK(response.content_type == "application/problem+json");
  CHECK(
      response.body.starts_with(R"({"type":"urn:event-draft:error:STORAGE_UNAVAILABLE","title":"Event drafts can't)"));
  CHECK(test::headers_of(response) == "Content-Language: en\nVary: Accept, Accept-Language\nRetry-After: 1\n");
  const auto found = controller.find("draft-1", "1", {});
  CHECK(found.status == 400);
  CHECK(found.body.starts_with(R"({"code":"INVALID_USER","message":)"));
  const auto approved = controller.approve("draft-1", "1", {.accept_language = "en"});
  CHECK(approved.status == 503);
  CHECK(approved.body.starts_with(R"({"code":"STORAGE_UNAVAILABLE","message":"Event drafts can't)"));
  CHECK(test::headers_of(approved).ends_with("Retry-After: 1\n"));
  CHECK(service.calls == 3);
}

TEST_CASE_TEMPLATE("an exception out of the service is an internal error", Exception, std::bad_alloc, int,
                   std::exception) {
  ThrowingService<Exception> service;
  const EventController controller{service};
  for (const auto& response : {controller.create({.body = samples::specified_body}),
                               controller.find("draft-1", "1", {}), controller.approve("draft-1", "1", {})}) {
    CHECK(response.status == 500);
    CHECK(response.body == R"({"code":"INTERNAL_ERROR","message":"내부 오류가 발생했습니다."})");
  }
}

TEST_CASE("wherever memory runs out, the answer is an internal error" * doctest::skip(!test::replaceable_new)) {
  Shop shop;
  CHECK(shop.controller.create({.body = samples::specified_body}).status == 200);
  const EventDraft draft = shop.repository.draft.value();
  StepDurations durations;
  for (const Step step : all_steps) durations.add(step, std::chrono::seconds{1});
  ToldService service{.receipt = Receipt{draft, Origin::created, false, EventDelivery::lost, {}, durations},
                      .found = FoundDraft{draft, true, {}, durations},
                      .approved = ApprovalReceipt{draft, Approval::approved, EventDelivery::pending, {}, durations}};
  const EventController controller{service};
  const std::string large = std::string(5000, ' ') + std::string{samples::specified_body};
  const auto exhaust = [](auto&& call) {
    for (std::size_t allowed = 0; allowed < 100; ++allowed) {
      ApiResponse response;
      bool reached = false;
      {
        const test::AllocationLimit limit{allowed};
        response = call();
        reached = limit.was_reached();
      }
      if (!reached) {
        CHECK(response.status == 200);
        return allowed;
      }
      CHECK(response.status == 500);
      CHECK((response.body.empty() || response.body.starts_with(R"({"code":"INTERNAL_ERROR")")));
    }
    return std::size_t{100};
  };
  const auto small_create = exhaust([&] { return controller.create({.body = samples::specified_body}); });
  const auto large_create = exhaust([&] { return controller.create({.body = large}); });
  const auto find = exhaust([&] { return controller.find("draft-1", "123", {}); });
  CHECK(small_create > 0);
  CHECK(large_create == small_create + 1);
  const auto approve = exhaust([&] { return controller.approve("draft-1", "123", {}); });
  for (const std::size_t allocations : {find, approve}) {
    CHECK(allocations > 0);
    CHECK(allocations < 10);
  }
}

TEST_CASE("no mutation of a request makes the controller fail, nor lets through what is not JSON") {
  const auto check = [](std::string_view body) {
    Shop shop;
    const auto response = shop.controller.create({.body = body});
    if (response.status == 400) return;
    CAPTURE(body);
    REQUIRE(response.status == 200);
    boost::json::error_code code;
    const auto value = boost::json::parse(boost::json::string_view{body.data(), body.size()}, code);
    REQUIRE_FALSE(code.failed());
    REQUIRE(value.is_object());
  };
  for (std::size_t at = 0; at < samples::specified_body.size(); ++at) {
    check(samples::specified_body.substr(0, at));
    check(samples::specified_body.substr(at + 1));
    std::string without{samples::specified_body};
    check(without.erase(at, 1));
    std::string twice{samples::specified_body};
    check(twice.insert(at, 1, samples::specified_body[at]));
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed{samples::specified_body};
      changed[at] = static_cast<char>(byte);
      check(changed);
    }
  }
}

TEST_CASE("the controller's functions don't throw") {
  static_assert(noexcept(std::declval<const EventController<ToldService>&>().create({})));
  static_assert(noexcept(std::declval<const EventController<ToldService>&>().find({}, {}, {})));
  static_assert(noexcept(std::declval<const EventController<ToldService>&>().approve({}, {}, {})));
  CHECK(true);
}
