#include <doctest/doctest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <event_draft/controller/create_request.hpp>
#include <event_draft/formatters.hpp>

#include "allocation_limit.hpp"
#include "samples.hpp"

using namespace event_draft;
using namespace std::string_literals;

namespace {

/// The body of the specification with `from` replaced by `to`.
std::string with(std::string_view from, std::string_view to) {
  std::string body{samples::specified_body};
  const auto at = body.find(from);
  REQUIRE(at != std::string::npos);
  return body.replace(at, from.size(), to);
}

/// The body of the specification with one more member.
std::string and_member(std::string_view member) { return with("{", "{" + std::string{member} + ","); }

std::string nested(std::size_t levels, std::string_view open, std::string_view close) {
  std::string text;
  for (std::size_t i = 0; i < levels; ++i) text += open;
  text += "0";
  for (std::size_t i = 0; i < levels; ++i) text += close;
  return text;
}

std::string members(std::size_t count) {
  std::string text = R"("m0":0)";
  for (std::size_t i = 1; i < count; ++i) text += ",\"m" + std::to_string(i) + "\":0";
  return text;
}

/// The error, or nullopt for a body that is accepted.
std::optional<Error> error_of(std::string_view body) {
  const auto parsed = parse_create_request(body);
  if (parsed) return std::nullopt;
  return parsed.assume_error();
}

Error malformed(FieldSet fields = {}) { return {Errc::malformed_request, fields}; }

struct Case {
  std::string body;
  Error error;
};

template <std::size_t N>
void check_all(const Case (&cases)[N]) {
  for (const auto& [body, error] : cases) {
    CAPTURE(body);
    const auto got = error_of(body);
    REQUIRE(got.has_value());
    INFO(fmt::format("{}, not {}", *got, error));
    CHECK(*got == error);
  }
}

}  // namespace

TEST_CASE("the request of the specification is read as it stands") {
  const auto parsed = parse_create_request(samples::specified_body);
  REQUIRE(parsed.has_value());
  const auto command = parsed.assume_value().command("trace");
  CHECK(command.user_id == 123);
  CHECK(command.objective == "신규 고객 유치");
  CHECK(command.store_name == "맛있는집");
  CHECK(command.industry == "음식점");
  CHECK(command.address == "서울시 강남구");
  CHECK(command.traceparent == "trace");
}

TEST_CASE("what is not one JSON object is malformed") {
  const std::string body{samples::specified_body};
  check_all({
      {"", malformed()},
      {" ", malformed()},
      {"{", malformed()},
      {"objective=x", malformed()},
      {"\xEF\xBB\xBF" + body, malformed()},
      {body + "x", malformed()},
      {body + body, malformed()},
      {body + '\0', malformed()},
      {body + ",", malformed()},
      {body + "// end", malformed()},
      {"/* begin */" + body, malformed()},
      {with("{", "{/**/"), malformed()},
      {with("}", ",}"), malformed()},
      {with("{", "{,"), malformed()},
      {with(",", ",,"), malformed()},
      {with("\"userId\"", "userId"), malformed()},
      {with("\"userId\"", "'userId'"), malformed()},
      {"null", malformed({Field::user_id})},
      {"5", malformed({Field::user_id})},
      {"\"text\"", malformed({Field::user_id})},
      {"[]", malformed({Field::user_id})},
      {"[" + body + "]", malformed({Field::user_id})},
      {R"({"request":)" + body + "}", malformed({Field::user_id})},
      {"{}", malformed({Field::user_id})},
  });
}

TEST_CASE("white space around the tokens is allowed, as in JSON") {
  CHECK(parse_create_request(" \t\r\n" + with("\"userId\":123,", "\n\t\"userId\" :\r123 , ") + "\r\n \t").has_value());
}

TEST_CASE("a userId that is not a positive 64-bit integer is malformed and named") {
  const Error error = malformed({Field::user_id});
  for (const std::string_view value : {"0",
                                       "-0",
                                       "-1",
                                       "-9223372036854775808",
                                       "-9223372036854775809",
                                       "9223372036854775808",
                                       "18446744073709551615",
                                       "18446744073709551616",
                                       "123456789012345678901234567890",
                                       "1.0",
                                       "1.5",
                                       "1e2",
                                       "1E0",
                                       "1e400",
                                       "-1e400",
                                       "1e-400",
                                       "0e400",
                                       "1e99999999999",
                                       "\"123\"",
                                       "\"\"",
                                       "true",
                                       "false",
                                       "null",
                                       "[]",
                                       "[1]",
                                       "{}",
                                       R"({"userId":1})",
                                       "01",
                                       "+1",
                                       ".5",
                                       "1.",
                                       "0x10",
                                       "NaN",
                                       "Infinity",
                                       "tru"}) {
    CAPTURE(value);
    CHECK(error_of(with("123", value)) == error);
  }
  CHECK(error_of(with("\"userId\":123,", "")) == error);
  CHECK(error_of(with("userId", "userid")) == error);
  CHECK(error_of(with("123", "1 2")) == malformed());  // a fault behind the value is no member's
  CHECK(error_of(with("userId", "userIds")) == error);
}

TEST_CASE("the largest userId is read to the digit") {
  const auto parsed = parse_create_request(with("123", "9223372036854775807"));
  REQUIRE(parsed.has_value());
  CHECK(parsed.assume_value().command().user_id == 9223372036854775807);
}

TEST_CASE("a text member of another type is malformed and named") {
  for (const std::string_view value : {"5", "-5", "18446744073709551615", "1.5", "true", "false", "[]", "{}",
                                       R"(["신규 고객 유치"])", R"({"storeName":"x"})"}) {
    CAPTURE(value);
    CHECK(error_of(with("\"신규 고객 유치\"", value)) == malformed({Field::objective}));
    CHECK(error_of(with("\"맛있는집\"", value)) == malformed({Field::store_name}));
    CHECK(error_of(with("\"음식점\"", value)) == malformed({Field::industry}));
    CHECK(error_of(with("\"서울시 강남구\"", value)) == malformed({Field::address}));
  }
}

TEST_CASE("every member of a wrong type is named at once") {
  CHECK(error_of(R"({"userId":"1","objective":[],"storeName":1,"industry":{},"address":false})") ==
        malformed({Field::user_id, Field::objective, Field::store_name, Field::industry, Field::address}));
  CHECK(error_of(R"({"storeName":1})") == malformed({Field::user_id, Field::store_name}));
}

TEST_CASE("text that can't be text is malformed, and the member named") {
  for (const std::string& text : {R"(\u0000)"s,
                                  R"(x\u0000)"s,
                                  R"(\ud800)"s,
                                  R"(\udc00)"s,
                                  R"(\ud800\ud800)"s,
                                  R"(\ud800x)"s,
                                  R"(\ud83c\u0041)"s,
                                  R"(\x41)"s,
                                  R"(\u12)"s,
                                  R"(\u12g4)"s,
                                  "\x01"s,
                                  "\n"s,
                                  "\t"s,
                                  "\0"s,
                                  "\x80"s,
                                  "\xC0\xAF"s,
                                  "\xC3"s,
                                  "\xE0\x80\x80"s,
                                  "\xED\xA0\x80"s,
                                  "\xF0\x80\x80\x80"s,
                                  "\xF4\x90\x80\x80"s,
                                  "\xF8\x88\x80\x80\x80"s,
                                  "\xFF"s,
                                  "\xED\x9B"s}) {
    CAPTURE(text);
    CHECK(error_of(with("맛있는집", text)) == malformed({Field::store_name}));
    CHECK(error_of(with("서울시", text)) == malformed({Field::address}));
    CHECK(error_of(and_member("\"memo\":\"" + text + "\"")) == malformed());
    CHECK(error_of(and_member("\"memo\":{\"a\":[\"" + text + "\"]}")) == malformed());
    CHECK(error_of(and_member("\"" + text + "\":1")) == malformed());
    CHECK(error_of(and_member("\"memo\":{\"" + text + "\":1}")) == malformed());
  }
}

TEST_CASE("a name that comes twice in one object is malformed") {
  check_all({
      {and_member(R"("userId":1)"), malformed({Field::user_id})},
      {and_member(R"("userId":123)"), malformed({Field::user_id})},
      {and_member(R"("userId":null)"), malformed({Field::user_id})},
      {and_member(R"("objective":"매출 증대")"), malformed({Field::objective})},
      {and_member(R"("storeName":"x")"), malformed({Field::store_name})},
      {and_member(R"("industry":null)"), malformed({Field::industry})},
      {and_member(R"("address":"x")"), malformed({Field::address})},
      {and_member(R"("\u0075ser\u0049d":1)"), malformed({Field::user_id})},
      {and_member(R"("memo":1,"memo":2)"), malformed()},
      {and_member(R"("":1,"":2)"), malformed()},
      {and_member(R"("memo":{"a":1,"b":2,"a":3})"), malformed()},
      {and_member(R"("memo":[{"a":{"b":1,"b":1}}])"), malformed()},
      {and_member(R"("memo":{"a":1},"memo":{})"), malformed()},
  });
  CHECK_FALSE(error_of(and_member(R"("a":{"a":{"a":1},"userId":2},"b":[{"a":1},{"a":2}],"c":1)")).has_value());
}

TEST_CASE("members that the API does not know are ignored, whatever they hold") {
  for (const std::string_view member :
       {R"("memo":"x")", R"("memo":null)", R"("memo":-1.5e300)", R"("memo":18446744073709551615)", R"("":true)",
        R"("memo":[1,"a",null,{"userId":"x","objective":5}])", R"("memo":{"storeName":7,"a":{"address":[]}})",
        R"("USERID":"x")", R"("user_id":"x")"}) {
    CAPTURE(member);
    CHECK_FALSE(error_of(and_member(member)).has_value());
  }
  CHECK(error_of(and_member(R"("memo":1e400)")) == malformed());
  CHECK(error_of(and_member(R"("memo":[-1e309])")) == malformed());
  CHECK(error_of(and_member(R"("memo":01)")) == malformed());
}

TEST_CASE("an unknown member may nest to the eighth level and no further") {
  CHECK_FALSE(error_of(and_member("\"memo\":" + nested(7, "[", "]"))).has_value());
  CHECK(error_of(and_member("\"memo\":" + nested(8, "[", "]"))) == malformed());
  CHECK_FALSE(error_of(and_member("\"memo\":" + nested(7, "{\"a\":", "}"))).has_value());
  CHECK(error_of(and_member("\"memo\":" + nested(8, "{\"a\":", "}"))) == malformed());
  CHECK(error_of(std::string(100'000, '[')) == malformed());
}

TEST_CASE("objects that are open at one point have at most 64 members between them") {
  CHECK_FALSE(error_of(and_member(members(59))).has_value());
  CHECK(error_of(and_member(members(60))) == malformed({Field::address}));
  CHECK_FALSE(error_of(and_member("\"memo\":[{" + members(58) + "},{" + members(58) + "}]")).has_value());
}

TEST_CASE("objective and store information are judged by the domain's rules, in the diagram's order") {
  const std::string too_long(101, 'x');
  check_all({
      {with("신규 고객 유치", "무료 나눔"), {Errc::invalid_objective, {Field::objective}}},
      {with("신규 고객 유치", ""), {Errc::invalid_objective, {Field::objective}}},
      {with("\"신규 고객 유치\"", "null"), {Errc::invalid_objective, {Field::objective}}},
      {with("\"objective\":\"신규 고객 유치\",", ""), {Errc::invalid_objective, {Field::objective}}},
      {R"({"userId":1})", {Errc::invalid_objective, {Field::objective}}},
      {with("맛있는집", ""), {Errc::missing_store_info, {Field::store_name}}},
      {with("음식점", " \\t\u3000"), {Errc::missing_store_info, {Field::industry}}},
      {with("\"서울시 강남구\"", "null"), {Errc::missing_store_info, {Field::address}}},
      {with(",\"address\":\"서울시 강남구\"", ""), {Errc::missing_store_info, {Field::address}}},
      {R"({"userId":1,"objective":"매출 증대"})",
       {Errc::missing_store_info, {Field::store_name, Field::industry, Field::address}}},
      {R"({"userId":1,"objective":"매출 증대","storeName":")" + too_long + R"(","industry":"x"})",
       {Errc::missing_store_info, {Field::address}}},
      {with("맛있는집", too_long), {Errc::invalid_store_info, {Field::store_name}}},
      {with("음식점", "a\\nb"), {Errc::invalid_store_info, {Field::industry}}},
      {with("서울시", "\\u007f"), {Errc::invalid_store_info, {Field::address}}},
      // An earlier check hides a later one.
      {R"({"userId":0,"objective":"x"})", malformed({Field::user_id})},
      {R"({"userId":1,"objective":"x","storeName":5})", malformed({Field::store_name})},
      {R"({"userId":1,"objective":"x","storeName":""})", {Errc::invalid_objective, {Field::objective}}},
  });
}

TEST_CASE("an objective in decomposed Hangul, or with white space around it, is the same objective") {
  CHECK_FALSE(
      error_of(with("신규 고객 유치", " \\u1106\\u1162\\u110e\\u116e\\u11af \\u110c\\u1173\\u11bc\\u1103\\u1162\\t"))
          .has_value());
}

TEST_CASE("escapes are decoded, in names and in values") {
  const auto parsed = parse_create_request(
      R"({"\u0075serId":7,"\u006fbjective":"\ub9e4\ucd9c \uC99d\ub300","storeName":"\"\\\/","industry":"\ud83c\udf5c","address":"a\ud83c\udf5cb"})");
  REQUIRE(parsed.has_value());
  const auto command = parsed.assume_value().command();
  CHECK(command.user_id == 7);
  CHECK(command.objective == "매출 증대");
  CHECK(command.store_name == "\"\\/");
  CHECK(command.industry == "🍜");
  CHECK(command.address == "a🍜b");
}

TEST_CASE("a request outlives the body that it was read from, and may be moved") {
  for (const int padding : {0, 1, 700, 900, 1100, 20'000}) {
    CAPTURE(padding);
    auto body = and_member("\"memo\":\"" + std::string(static_cast<std::size_t>(padding), 'x') + "\\n\"");
    auto parsed = parse_create_request(body);
    REQUIRE(parsed.has_value());
    std::fill(body.begin(), body.end(), '#');
    const ParsedCreateRequest moved{std::move(parsed).assume_value()};
    CHECK(moved.command().user_id == 123);
    CHECK(moved.command().objective == "신규 고객 유치");
    CHECK(moved.command().store_name == "맛있는집");
    CHECK(moved.command().industry == "음식점");
    CHECK(moved.command().address == "서울시 강남구");
  }
}

TEST_CASE("a long escaped text, which the parser hands over in parts, is put together") {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += R"(\u0041b\n)";
  CHECK(error_of(with("맛있는집", text)) == Error{Errc::invalid_store_info, {Field::store_name}});
  CHECK_FALSE(error_of(and_member("\"" + text + "\":\"" + text + "\"")).has_value());
  CHECK(error_of(and_member("\"" + text + "\":1,\"" + text + "\":2")) == malformed());
}

TEST_CASE("a request of usual size is read without an allocation, and so are its errors" *
          doctest::skip(!test::replaceable_new)) {
  const std::string escaped = with("맛있는집", R"(\"\ub9e4\")");
  const std::string duplicate = and_member(R"("userId":1)");
  bool accepted = false;
  bool accepted_escaped = false;
  bool refused = false;
  {
    const test::AllocationLimit none{0};
    accepted = parse_create_request(samples::specified_body).has_value();
    accepted_escaped = parse_create_request(escaped).has_value();
    refused = !parse_create_request(duplicate).has_value() && !parse_create_request("{\"userId\":1").has_value();
  }
  CHECK(accepted);
  CHECK(accepted_escaped);
  CHECK(refused);
}

TEST_CASE("a body cut anywhere is malformed") {
  for (std::size_t size = 0; size < samples::specified_body.size(); ++size) {
    CAPTURE(size);
    const auto error = error_of(std::string{samples::specified_body.substr(0, size)});
    REQUIRE(error.has_value());
    CHECK(error->code == Errc::malformed_request);
  }
}

TEST_CASE("a body with any byte changed is accepted only as what Boost.JSON reads in it") {
  std::size_t accepted = 0;
  for (std::size_t at = 0; at < samples::specified_body.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string body{samples::specified_body};
      body[at] = static_cast<char>(byte);
      const auto parsed = parse_create_request(body);
      if (!parsed) continue;
      ++accepted;
      boost::json::error_code code;
      const auto value = boost::json::parse(body, code);
      CAPTURE(body);
      REQUIRE_FALSE(code.failed());
      const auto command = parsed.assume_value().command();
      const auto& object = value.as_object();
      REQUIRE(object.at("userId").as_int64() == command.user_id);
      REQUIRE(std::string_view{object.at("objective").as_string()} == command.objective);
      REQUIRE(std::string_view{object.at("storeName").as_string()} == command.store_name);
      REQUIRE(std::string_view{object.at("industry").as_string()} == command.industry);
      REQUIRE(std::string_view{object.at("address").as_string()} == command.address);
    }
  }
  CHECK(accepted > samples::specified_body.size());  // each unchanged byte, and a good many that only change a text
}
