#include <doctest/doctest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include <event_draft/controller/error_response.hpp>

#include "allocation_limit.hpp"
#include "response_headers.hpp"

using namespace event_draft;

namespace {

constexpr FieldSet every_field{Field::user_id, Field::objective, Field::store_name, Field::industry, Field::address};

constexpr Errc last = Errc::internal_error;

}  // namespace

TEST_CASE("an error is code, message and the fields at fault, in Korean") {
  const auto response = error_response({Errc::missing_store_info, {Field::address, Field::store_name}}, {});
  CHECK(response.status == 400);
  CHECK(response.content_type == "application/json");
  CHECK(response.body ==
        R"({"code":"EVENT_002","message":"매장 정보가 누락되었습니다.","fields":["storeName","address"]})");
  CHECK(test::headers_of(response) == "Content-Language: ko\nVary: Accept, Accept-Language\n");
}

TEST_CASE("EVENT_001 is exactly code and message") {
  CHECK(
      error_response({Errc::invalid_objective, {Field::objective}}, {.accept_language = "en"}).body ==
      R"({"code":"EVENT_001","message":"The objective is not one of 신규 고객 유치, 재방문 유도, 매출 증대, 인지도 향상."})");
}

TEST_CASE("an error without fields has no member for them") {
  CHECK(error_response(Errc::malformed_request, {}).body ==
        R"({"code":"MALFORMED_REQUEST","message":"요청 형식이 올바르지 않습니다."})");
}

TEST_CASE("an error is in English for whoever prefers it") {
  const auto response =
      error_response({Errc::malformed_request, {Field::user_id}}, {.accept_language = "en-US,ko;q=0.5"});
  CHECK(response.body == R"({"code":"MALFORMED_REQUEST","message":"The request is malformed.","fields":["userId"]})");
  CHECK(test::headers_of(response) == "Content-Language: en\nVary: Accept, Accept-Language\n");
}

TEST_CASE("an error is RFC 9457 for whoever asks for it") {
  const ApiRequest request{.accept = "application/json, application/problem+json", .accept_language = "en"};
  const auto response = error_response({Errc::missing_store_info, {Field::industry}}, request);
  CHECK(response.status == 400);
  CHECK(response.content_type == "application/problem+json");
  CHECK(response.body ==
        R"({"type":"urn:event-draft:error:EVENT_002","title":"Store information is missing.","status":400,)"
        R"("code":"EVENT_002","fields":["industry"]})");
  CHECK(test::headers_of(response) == "Content-Language: en\nVary: Accept, Accept-Language\n");
  CHECK(
      error_response({Errc::invalid_objective, {Field::objective}}, {.accept = "application/problem+json"}).body ==
      R"({"type":"urn:event-draft:error:EVENT_001","title":"유효하지 않은 목적입니다. )"
      R"(신규 고객 유치, 재방문 유도, 매출 증대, 인지도 향상 중 하나를 선택하세요.","status":400,"code":"EVENT_001"})");
}

TEST_CASE("503 says when to try again, and nothing else does") {
  for (int code = 1; code <= static_cast<int>(last); ++code) {
    const auto response = error_response(static_cast<Errc>(code), {});
    const bool retry = test::headers_of(response).find("Retry-After: 1\n") != std::string::npos;
    CHECK(retry == (response.status == 503));
  }
  CHECK(error_response({Errc::storage_unavailable, {}, Certainty::unknown}, {}).status == 503);
}

TEST_CASE("every error is whole JSON that says its code, in both languages and both forms") {
  for (int code = 1; code <= static_cast<int>(last); ++code) {
    for (const std::string_view language : {"ko", "en"}) {
      const Error error{static_cast<Errc>(code), every_field};
      const auto wanted = message(error.code, language == "ko" ? Language::korean : Language::english);
      CAPTURE(wanted);
      const auto plain = boost::json::parse(error_response(error, {.accept_language = language}).body);
      CHECK(std::string_view{plain.at("code").as_string()} == wire_code(error.code));
      CHECK(std::string_view{plain.at("message").as_string()} == wanted);
      CHECK(plain.as_object().contains("fields") == (error.code != Errc::invalid_objective));
      const auto problem = boost::json::parse(
          error_response(error, {.accept = "application/problem+json", .accept_language = language}).body);
      CHECK(std::string_view{problem.at("type").as_string()} ==
            "urn:event-draft:error:" + std::string{wire_code(error.code)});
      CHECK(std::string_view{problem.at("title").as_string()} == wanted);
      CHECK(problem.at("status").as_int64() == http_status(error.code));
      CHECK(problem.as_object().contains("fields") == (error.code != Errc::invalid_objective));
    }
  }
}

TEST_CASE("without memory an internal error is still a status" * doctest::skip(!test::replaceable_new)) {
  ApiResponse response;
  {
    const test::AllocationLimit none{0};
    response = internal_error_response({});
  }
  CHECK(response.status == 500);
  CHECK(response.body.empty());
  CHECK(internal_error_response({}).body == R"({"code":"INTERNAL_ERROR","message":"내부 오류가 발생했습니다."})");
}
