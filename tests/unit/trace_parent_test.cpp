#include <doctest/doctest.h>

#include <event_draft/trace_parent.hpp>
#include <string>
#include <string_view>

using namespace event_draft;

namespace {

constexpr std::string_view example_trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

static_assert(TraceParent::parse(example_trace)->view() == example_trace);

}  // namespace

TEST_CASE("trace parent: read as it is written") {
  for (const std::string_view text :
       {example_trace, std::string_view{"00-00000000000000000000000000000001-0000000000000001-00"},
        std::string_view{"00-ffffffffffffffffffffffffffffffff-ffffffffffffffff-ff"}}) {
    REQUIRE(TraceParent::parse(text));
    CHECK(TraceParent::parse(text)->view() == text);
  }
  CHECK(TraceParent::parse(example_trace) == TraceParent::parse(example_trace));
  CHECK(TraceParent::parse(example_trace) !=
        TraceParent::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"));
}

TEST_CASE("trace parent: of each byte, only lower-case hexadecimal, or the dash in its place, is read") {
  for (std::size_t at = 0; at < example_trace.size(); ++at) {
    for (unsigned byte = 0; byte < 256; ++byte) {
      std::string text{example_trace};
      text[at] = static_cast<char>(byte);
      const bool version = at < 2;
      const bool dash = example_trace[at] == '-';
      const bool hex = std::string_view{"0123456789abcdef"}.find(text[at]) != std::string_view::npos;
      const bool fits = version || dash ? text[at] == example_trace[at] : hex;
      if (TraceParent::parse(text).has_value() != fits) FAIL_CHECK(at, " ", byte);
    }
  }
}

TEST_CASE("trace parent: zero ids, other versions and other lengths are left out") {
  for (const std::string_view text : {"", "00", "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                                      "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                                      "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                                      "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                                      "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                                      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
                                      " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0"}) {
    CAPTURE(text);
    CHECK(!TraceParent::parse(text));
  }
  for (std::size_t size = 0; size < example_trace.size(); ++size)
    CHECK(!TraceParent::parse(example_trace.substr(0, size)));
  CHECK(!TraceParent::parse(std::string{example_trace} + "0"));
}
