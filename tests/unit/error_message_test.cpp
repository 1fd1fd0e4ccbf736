#include <doctest/doctest.h>

#include <event_draft/error_message.hpp>
#include <event_draft/objective.hpp>
#include <set>
#include <string_view>

#include "all_errors.hpp"

using namespace event_draft;

static_assert(message(Errc::missing_store_info, Language::korean) == "매장 정보가 누락되었습니다.");
static_assert(message(Errc::missing_store_info, Language::english) == "Store information is missing.");

TEST_CASE("error message: each error has one of its own in each language, and it is a sentence") {
  std::set<std::string_view> messages;
  for (const Errc code : all_errors()) {
    for (const Language language : {Language::korean, Language::english}) {
      const std::string_view text = message(code, language);
      CAPTURE(text);
      CHECK(messages.insert(text).second);
      CHECK(text.ends_with('.'));
      CHECK(text.find_first_of("\"\\\n") == std::string_view::npos);
    }
  }
}

TEST_CASE("error message: an unknown objective is told the four that exist") {
  for (const Objective objective : all_objectives) {
    for (const Language language : {Language::korean, Language::english}) {
      CHECK(message(Errc::invalid_objective, language).find(to_string(objective)) != std::string_view::npos);
    }
  }
}

TEST_CASE("error message: of a code that does not exist, an internal error's") {
  for (const Language language : {Language::korean, Language::english}) {
    CHECK(message(Errc{200}, language) == message(Errc::internal_error, language));
  }
}
