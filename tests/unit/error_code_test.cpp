#include <doctest/doctest.h>

#include <event_draft/error_code.hpp>
#include <ostream>
#include <set>
#include <string>
#include <system_error>

#include "all_errors.hpp"

using namespace event_draft;

TEST_CASE("error code: an error goes through std::error_code and keeps its number, category and message") {
  std::set<std::string> messages;
  for (const Errc errc : all_errors()) {
    const std::error_code code = errc;
    CHECK(code);
    CHECK(code == errc);
    CHECK(code.value() == static_cast<int>(errc));
    CHECK(code.message() == message(errc, Language::english));
    CHECK(messages.insert(code.message()).second);
    CHECK(code == make_error_code(Error{errc, {Field::address}, Certainty::unknown}));
  }
}

TEST_CASE("error code: one category, told apart from the others") {
  const std::error_code code = Errc::invalid_objective;
  CHECK(std::string{code.category().name()} == "event_draft");
  CHECK(&code.category() == &error_category());
  CHECK(code != std::error_code{1, std::generic_category()});
}

TEST_CASE("error code: thrown and caught as std::system_error") {
  try {
    throw std::system_error{Errc::draft_not_found};
  } catch (const std::system_error& error) {
    CHECK(error.code() == Errc::draft_not_found);
  }
}

TEST_CASE("error code: a number that is no Errc is an internal error, not the Errc that its low byte names") {
  for (const int value : {-1, 0, 256 + static_cast<int>(Errc::invalid_objective), 1000}) {
    CHECK(error_category().message(value) == message(Errc::internal_error, Language::english));
  }
}
