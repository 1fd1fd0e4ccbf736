#include <doctest/doctest.h>

#include <event_draft/event_draft.hpp>
#include <event_draft/result.hpp>
#include <string>
#include <type_traits>

#include "samples.hpp"

using namespace event_draft;

namespace {

static_assert(std::is_trivially_copyable_v<Result<void>> && std::is_trivially_copyable_v<Result<int>>);
static_assert(sizeof(Result<void>) <= 8);

constexpr Result<int> halve(int value) {
  if (value % 2 != 0) return Error{Errc::malformed_request, {Field::user_id}, Certainty::unknown};
  return value / 2;
}

constexpr Result<int> quarter(int value) {
  BOOST_OUTCOME_TRY(const int half, halve(value));
  return halve(half);
}

static_assert(quarter(8).assume_value() == 2 && quarter(6).has_error());

}  // namespace

TEST_CASE("result: a value, or an error that is taken along unchanged") {
  CHECK(quarter(8).value() == 2);
  for (const int value : {6, 7}) {
    REQUIRE(!quarter(value));
    CHECK(quarter(value).error() == Error{Errc::malformed_request, {Field::user_id}, Certainty::unknown});
  }
}

TEST_CASE("result: taking the value of a failure throws the error, taking the error of a success throws") {
  try {
    static_cast<void>(halve(1).value());
    FAIL("value() returned");
  } catch (const boost::outcome_v2::bad_result_access_with<Error>& failure) {
    CHECK(failure.error() == Error{Errc::malformed_request, {Field::user_id}, Certainty::unknown});
  }
  CHECK_THROWS_AS(static_cast<void>(halve(2).error()), boost::outcome_v2::bad_result_access);
}

TEST_CASE("result: without a value") {
  const Result<void> done = success();
  CHECK(done);
  CHECK_NOTHROW(done.value());
  const Result<void> failed = Errc::cache_unavailable;
  REQUIRE(!failed);
  CHECK(failed.error() == Errc::cache_unavailable);
  CHECK_THROWS_AS(failed.value(), boost::outcome_v2::bad_result_access_with<Error>);
}

TEST_CASE("result: holds a whole draft") {
  Result<EventDraft> result = samples::largest_draft("🍜");
  const Result<EventDraft> copy = result;
  result = Errc::draft_not_found;
  CHECK(!result);
  CHECK(copy.value() == samples::largest_draft("🍜"));
}
