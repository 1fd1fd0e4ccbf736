#include <event_draft/pending_call.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include <event_draft/testing/printing.hpp>

using namespace event_draft;

namespace {

constexpr auto nobody = [](std::string_view) {};

using Number = std::unique_ptr<int>;  // what a port gives back need not be copyable

}  // namespace

TEST_CASE("a call is made when that is asked for, and once") {
  int calls = 0;
  PendingCall call{[&] { return std::make_unique<int>(++calls); }};
  CHECK(calls == 0);
  CHECK_FALSE(call.is_under_way());
  call.make(nobody);
  call.make(nobody);
  CHECK(calls == 1);
  REQUIRE(call.is_under_way());
  CHECK(*call.awaitable() == 1);
}

TEST_CASE("what the call throws is its error, is heard, and is not tried again") {
  int calls = 0;
  std::string heard;
  const auto hear = [&](std::string_view what) { heard += what; };
  PendingCall call{[&]() -> Number {
    ++calls;
    throw std::runtime_error{"no socket"};
  }};
  call.make(hear);
  call.make(hear);
  CHECK(calls == 1);
  CHECK_FALSE(call.is_under_way());
  CHECK(call.error() == Error{Errc::port_exception, {}, Certainty::unknown});
  CHECK(heard == "no socket");
}
