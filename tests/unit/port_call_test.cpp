#include <event_draft/port_call.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>

#include <event_draft/testing/printing.hpp>

using namespace event_draft;

namespace {

struct Heard {
  std::string text;
  void operator()(std::string_view what) { text.append(what).append(";"); }
};

}  // namespace

TEST_CASE("what a port returns passes through, and nobody is told of an exception") {
  Heard heard;
  CHECK(call_port([]() -> Result<int> { return 7; }, heard).value() == 7);
  CHECK(call_port([]() -> Result<int> { return Errc::deadline_exceeded; }, heard).error() ==
        Error{Errc::deadline_exceeded});
  CHECK(call_port([]() -> Result<void> { return success(); }, heard).has_value());
  CHECK(heard.text.empty());
}

TEST_CASE("an exception out of a port is an error of unknown effect, and its text is heard") {
  Heard heard;
  const Error expected{Errc::port_exception, {}, Certainty::unknown};
  CHECK(call_port([]() -> Result<int> { throw std::runtime_error{"disk full"}; }, heard).error() == expected);
  CHECK(heard.text == "disk full;");
  CHECK(call_port([]() -> Result<void> { throw std::bad_alloc{}; }, heard).error() == expected);
  CHECK(heard.text == "disk full;std::bad_alloc;");
}

TEST_CASE("what is thrown need not be a std::exception") {
  const Error expected{Errc::port_exception, {}, Certainty::unknown};
  Heard number;
  CHECK(call_port([]() -> Result<void> { throw 42; }, number).error() == expected);
  CHECK(number.text == "an exception that is not a std::exception;");
  Heard text;
  CHECK(call_port([]() -> Result<void> { throw "text"; }, text).error() == expected);
  CHECK(text.text == "an exception that is not a std::exception;");
}

TEST_CASE("a result that can only be moved passes through") {
  Heard heard;
  auto result = call_port([]() -> Result<std::unique_ptr<int>> { return std::make_unique<int>(3); }, heard);
  CHECK(*result.value() == 3);
}

static_assert(noexcept(call_port([]() -> Result<void> { throw 1; }, Heard{})));
