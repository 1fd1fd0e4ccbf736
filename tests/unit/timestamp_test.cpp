#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <event_draft/timestamp.hpp>
#include <string>
#include <string_view>

using namespace event_draft;
using std::chrono::milliseconds;

namespace {

static_assert(to_text(Timestamp{milliseconds{0}}).view() == "1970-01-01T00:00:00.000Z");
static_assert(to_text(*parse_timestamp("2026-11-23T09:00:00.123Z")).view() == "2026-11-23T09:00:00.123Z");
static_assert(!parse_timestamp("2026-02-29T00:00:00.000Z"));

constexpr std::int64_t first = -62'167'219'200'000;  // 0000-01-01T00:00:00.000Z
constexpr std::int64_t last = 253'402'300'799'999;   // 9999-12-31T23:59:59.999Z

/// The same by way of the C library.
std::string by_gmtime(std::int64_t count) {
  const std::int64_t fraction = (count % 1000 + 1000) % 1000;
  const std::time_t seconds = (count - fraction) / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 96> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900, parts.tm_mon + 1,
                parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, static_cast<int>(fraction));
  return text.data();
}

}  // namespace

TEST_CASE("timestamp: written as the calendar has it and read back, from year 0 to 9999") {
  for (std::int64_t count = first; count <= last; count += 1'500'000'007) {
    const Timestamp time{milliseconds{count}};
    const auto text = to_text(time);
    if (text.view() != by_gmtime(count) || parse_timestamp(text) != time)
      FAIL_CHECK(count, " is written ", text.view());
  }
}

TEST_CASE("timestamp: the edges") {
  struct Row {
    std::int64_t count;
    std::string_view text;
  };
  for (const auto& [count, text] :
       {Row{first, "0000-01-01T00:00:00.000Z"}, Row{last, "9999-12-31T23:59:59.999Z"},
        Row{-1, "1969-12-31T23:59:59.999Z"}, Row{951'782'400'000, "2000-02-29T00:00:00.000Z"},
        Row{951'868'799'999, "2000-02-29T23:59:59.999Z"}, Row{1'709'210'096'007, "2024-02-29T12:34:56.007Z"}}) {
    CHECK(to_text(Timestamp{milliseconds{count}}).view() == text);
    CHECK(parse_timestamp(text) == Timestamp{milliseconds{count}});
  }
}

TEST_CASE("timestamp: what can't be written is taken as the nearest that can") {
  CHECK(to_text(Timestamp{milliseconds{first - 1}}).view() == "0000-01-01T00:00:00.000Z");
  CHECK(to_text(Timestamp::min()).view() == "0000-01-01T00:00:00.000Z");
  CHECK(to_text(Timestamp{milliseconds{last + 1}}).view() == "9999-12-31T23:59:59.999Z");
  CHECK(to_text(Timestamp::max()).view() == "9999-12-31T23:59:59.999Z");
}

TEST_CASE("timestamp: dates and times that do not exist are refused") {
  for (const std::string_view text :
       {"2023-02-29T00:00:00.000Z", "1900-02-29T00:00:00.000Z", "2100-02-29T00:00:00.000Z", "2024-02-30T00:00:00.000Z",
        "2024-04-31T00:00:00.000Z", "2024-00-01T00:00:00.000Z", "2024-13-01T00:00:00.000Z", "2024-01-00T00:00:00.000Z",
        "2024-01-32T00:00:00.000Z", "2024-01-01T24:00:00.000Z", "2024-01-01T00:60:00.000Z",
        "2024-01-01T23:59:60.000Z"}) {
    CAPTURE(text);
    CHECK(!parse_timestamp(text));
  }
}

TEST_CASE("timestamp: other spellings of RFC 3339 are refused") {
  for (const std::string_view text :
       {"", "2024-01-01", "2024-01-01T00:00:00Z", "2024-01-01T00:00:00.0Z", "2024-01-01T00:00:00.0000Z",
        "2024-01-01t00:00:00.000Z", "2024-01-01T00:00:00.000z", "2024-01-01 00:00:00.000Z", "2024-01-01T00:00:00,000Z",
        "2024-01-01T00:00:00.000+00:00", " 2024-01-01T00:00:00.000Z", "2024-01-01T00:00:00.000Z ",
        "-024-01-01T00:00:00.000Z", "2024/01/01T00:00:00.000Z"}) {
    CAPTURE(text);
    CHECK(!parse_timestamp(text));
  }
}

TEST_CASE("timestamp: a text with any byte changed is refused or is the text of another time") {
  const std::string text = "2024-02-29T23:59:59.999Z";
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (unsigned byte = 0; byte < 256; ++byte) {
      std::string changed = text;
      changed[at] = static_cast<char>(byte);
      const auto time = parse_timestamp(changed);
      if (time && to_text(*time).view() != changed) FAIL_CHECK("read but never written: ", changed);
    }
  }
}
