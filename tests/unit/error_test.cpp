#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <event_draft/error.hpp>
#include <set>
#include <string_view>
#include <type_traits>

#include "all_errors.hpp"

using namespace event_draft;

static_assert(static_cast<int>(Errc::invalid_objective) == 1 && static_cast<int>(Errc::missing_store_info) == 2);
static_assert(std::is_trivially_copyable_v<Error> && sizeof(Error) == 3);
static_assert(wire_code(Errc::invalid_objective) == "EVENT_001" && wire_code(Errc::missing_store_info) == "EVENT_002");
static_assert(std::convertible_to<Errc, Error>);
static_assert(Error{Errc::draft_not_found}.certainty == Certainty::not_applied);

TEST_CASE("error: the wire codes are the documented ones") {
  struct Row {
    Errc code;
    std::string_view word;
  };
  constexpr Row rows[] = {
      {Errc::invalid_objective, "EVENT_001"},           {Errc::missing_store_info, "EVENT_002"},
      {Errc::invalid_store_info, "INVALID_STORE_INFO"}, {Errc::invalid_user, "INVALID_USER"},
      {Errc::malformed_request, "MALFORMED_REQUEST"},   {Errc::draft_not_found, "DRAFT_NOT_FOUND"},
      {Errc::corrupt_draft, "CORRUPT_DRAFT"},           {Errc::storage_unavailable, "STORAGE_UNAVAILABLE"},
      {Errc::cache_unavailable, "CACHE_UNAVAILABLE"},   {Errc::publisher_unavailable, "PUBLISHER_UNAVAILABLE"},
      {Errc::deadline_exceeded, "DEADLINE_EXCEEDED"},   {Errc::port_exception, "PORT_EXCEPTION"},
      {Errc::event_rejected, "EVENT_REJECTED"},         {Errc::internal_error, "INTERNAL_ERROR"}};
  CHECK(std::size(rows) == all_errors().size());
  for (const auto& [code, word] : rows) {
    CHECK(wire_code(code) == word);
    CHECK(to_string(code) == word);
  }
}

TEST_CASE("error: each code has a wire code of its own, and only two are of the form EVENT_nnn") {
  std::set<std::string_view> words;
  for (const Errc code : all_errors()) {
    const std::string_view word = wire_code(code);
    CHECK(words.insert(word).second);
    const bool is_event = word.starts_with("EVENT_") &&
                          std::all_of(word.begin() + 6, word.end(), [](char c) { return c >= '0' && c <= '9'; });
    CHECK(is_event == (code == Errc::invalid_objective || code == Errc::missing_store_info));
  }
}

TEST_CASE("error: a code that does not exist is an internal error") { CHECK(wire_code(Errc{200}) == "INTERNAL_ERROR"); }

TEST_CASE("error: equal in code, fields and certainty; to a code in the code alone") {
  const Error error{Errc::missing_store_info, {Field::address}, Certainty::unknown};
  CHECK(error == Error{Errc::missing_store_info, {Field::address}, Certainty::unknown});
  CHECK(error != Error{Errc::invalid_store_info, {Field::address}, Certainty::unknown});
  CHECK(error != Error{Errc::missing_store_info, {Field::industry}, Certainty::unknown});
  CHECK(error != Error{Errc::missing_store_info, {Field::address}});
  CHECK((error == Errc::missing_store_info));
  CHECK((Errc::missing_store_info == error));
  CHECK((error != Errc::invalid_store_info));
}

TEST_CASE("error: certainties in words") {
  CHECK(to_string(Certainty::not_applied) == "not_applied");
  CHECK(to_string(Certainty::applied) == "applied");
  CHECK(to_string(Certainty::unknown) == "unknown");
}
