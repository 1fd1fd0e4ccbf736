#include <doctest/doctest.h>

#include <string_view>

#include <event_draft/controller/content_negotiation.hpp>

using namespace event_draft;

TEST_CASE("problem+json is for clients that name it with a weight above zero") {
  for (const std::string_view accept :
       {"application/problem+json", "APPLICATION/Problem+JSON", "application/json, application/problem+json",
        "application/problem+json, application/json;q=0.5", "application/problem+json;q=0.001",
        "application/problem+json ; q=1.000", "application/problem+json\t;\tQ=0.5",
        "application/problem+json;charset=utf-8", "application/problem+json;charset=utf-8;q=0.1",
        ",, application/problem+json ,", "application/problem+json;",
        R"(text/plain;p="a,b;q=0", application/problem+json)", R"(application/problem+json;p="\",;q=0";q=1)",
        "text/html;level=1, */*;q=0.1, application/problem+json;q=0.2"}) {
    CAPTURE(accept);
    CHECK(accepts_problem_json(accept));
  }
}

TEST_CASE("problem+json is not for anyone else") {
  for (const std::string_view accept :
       {"", " ", ",", "*/*", "application/*", "application/json", "application/problem+xml",
        "application/problem+jsonx", "xapplication/problem+json", "application/problem+json;q=0",
        "application/problem+json;q=0.000", "application/problem+json;charset=utf-8;q=0",
        "application/json;profile=application/problem+json", R"(application/json;p="application/problem+json")",
        R"(text/plain;p="x, application/problem+json")",
        // Against the grammar: as good as absent.
        "application/problem+json;q=", "application/problem+json;q=2", "application/problem+json;q=1.001",
        "application/problem+json;q=-1", "application/problem+json;q=.5", "application/problem+json;q=0.0001",
        "application/problem+json;q=x", "application/problem+json;q", "application/problem+json text/html",
        "application/problem+json, text/html;q=7", "application/problem+json, \"", "application/problem+json, ;q=1"}) {
    CAPTURE(accept);
    CHECK_FALSE(accepts_problem_json(accept));
  }
}

TEST_CASE("errors are in English where the client weighs it above Korean") {
  for (const std::string_view accept_language :
       {"en", "EN", "en-US", "en-us,en;q=0.5", "fr, en;q=0.1", "en, ko;q=0.9", "ko;q=0.8, en;q=0.9", "ko;q=0, *",
        "en;q=0.5, *;q=0.4", "*;q=0.4, en-GB;q=0.5", "ko;q=0.001, en;q=0.002", "ko;q=0,en;q=1", "en;q=0, en-US;q=0.3",
        "ko ; q=0.5 , en ; q=0.6", ",en,"}) {
    CAPTURE(accept_language);
    CHECK(preferred_language(accept_language) == Language::english);
  }
}

TEST_CASE("errors are in Korean for everyone else") {
  for (const std::string_view accept_language :
       {"", "ko", "ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", "ko, en", "en, ko", "*", "fr", "fr, *;q=0.5", "en;q=0",
        "en;q=0.5, *;q=0.5", "en;q=0.4, *;q=0.6", "en;q=0.5, ko-KR", "eng", "e", "x-en", "enkore", "en;q=0.5, KO;q=0.5",
        // Against the grammar: as good as absent.
        "en;q=2", "en;q=", "en;q=1.5", "en, ko;q=x", "en us", "en, \"", "en;q=0.1234", "\x80\xFF, en", "en;q=0,5"}) {
    CAPTURE(accept_language);
    CHECK(preferred_language(accept_language) == Language::korean);
  }
}

TEST_CASE("weights are read to the thousandth") {
  static_assert(detail::parse_weight("0") == 0);
  static_assert(detail::parse_weight("1") == 1000);
  static_assert(detail::parse_weight("0.") == 0);
  static_assert(detail::parse_weight("1.000") == 1000);
  static_assert(detail::parse_weight("0.5") == 500);
  static_assert(detail::parse_weight("0.05") == 50);
  static_assert(detail::parse_weight("0.123") == 123);
  static_assert(!detail::parse_weight(""));
  static_assert(!detail::parse_weight("1.001"));
  static_assert(!detail::parse_weight("00"));
  static_assert(!detail::parse_weight("0.1234"));
  CHECK(detail::parse_weight("0.999") == 999);
}
