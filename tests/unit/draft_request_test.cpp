#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include <event_draft/controller/draft_request.hpp>

using namespace event_draft;

TEST_CASE("a draft id and a user id are read from their text") {
  const auto parsed = parse_draft_request("draft-1", "9223372036854775807");
  REQUIRE(parsed.has_value());
  CHECK(parsed.assume_value().draft_id == DraftId::numbered(1));
  CHECK(parsed.assume_value().user_id == 9223372036854775807);
}

TEST_CASE("a user id that is not a plain positive number is malformed, whatever the draft id") {
  for (const std::string_view user_id : {"", "0", "-1", "+1", "01", " 1", "1 ", "1.0", "1e2", "0x1", "x", "1x",
                                         "9223372036854775808", "99999999999999999999", "１"}) {
    for (const std::string_view draft_id : {"draft-1", "nonsense"}) {
      CAPTURE(user_id);
      const auto parsed = parse_draft_request(draft_id, user_id);
      REQUIRE_FALSE(parsed.has_value());
      CHECK(parsed.assume_error() == Error{Errc::malformed_request, {Field::user_id}});
    }
  }
  CHECK_FALSE(parse_draft_request("draft-1", std::string_view{"1\0", 2}).has_value());
}

TEST_CASE("an id that no draft can have is a draft that is not there") {
  for (const std::string& draft_id :
       {std::string{}, std::string{"draft-"}, std::string{"1"}, std::string{"Draft-1"}, std::string{"draft-1/2"},
        std::string{"draft-%31"}, std::string{"draft-가"}, "draft-" + std::string(59, 'a')}) {
    CAPTURE(draft_id);
    const auto parsed = parse_draft_request(draft_id, "1");
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.assume_error() == Errc::draft_not_found);
  }
}
