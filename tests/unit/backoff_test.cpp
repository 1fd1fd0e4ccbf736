#include <event_draft/backoff.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <limits>

#include <event_draft/deadline.hpp>

using namespace event_draft;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

constexpr std::uint64_t many = 10'000;

/// The shortest and the longest wait of many who failed that often.
std::pair<milliseconds, milliseconds> range(const Backoff& backoff, int failures) {
  auto shortest = milliseconds::max();
  auto longest = milliseconds::min();
  for (std::uint64_t random = 0; random != many; ++random) {
    const auto wait = backoff(failures, random);
    shortest = std::min(shortest, wait);
    longest = std::max(longest, wait);
  }
  return {shortest, longest};
}

static_assert(Backoff{1ms, 1ms}(7, 42) == 1ms);

}  // namespace

TEST_CASE("backoff: between half and all of a span that doubles with each failure, up to the most") {
  const Backoff backoff{100ms, 1000ms};
  constexpr std::array<milliseconds, 7> spans{100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms, 1000ms};
  for (std::size_t i = 0; i != spans.size(); ++i) {
    CHECK(range(backoff, static_cast<int>(i) + 1) == std::pair{spans[i] / 2, spans[i]});
  }
}

TEST_CASE("backoff: an odd span's half is rounded up, so that no wait is less than half") {
  CHECK(range({1ms, 1h}, 1) == std::pair{1ms, 1ms});
  CHECK(range({3ms, 1h}, 1) == std::pair{2ms, 3ms});
}

TEST_CASE("backoff: before the first failure it is as after it") {
  const Backoff backoff{100ms, 1000ms};
  for (const int failures : {0, -1, std::numeric_limits<int>::min()}) {
    CHECK(backoff(failures, 7) == backoff(1, 7));
  }
}

TEST_CASE("backoff: however often it failed and however long the spans are, nothing overflows") {
  constexpr auto longest = milliseconds::max();
  for (const int failures : {1, 2, 62, 63, 64, 65, 1000, std::numeric_limits<int>::max()}) {
    CAPTURE(failures);
    CHECK(range({1ms, longest}, failures).second > 0ms);
    CHECK(range({longest, longest}, failures).first >= longest / 2);
    CHECK(range({longest / 2 + 1ms, longest}, failures).first >= longest / 4);
    CHECK(range({100ms, 60s}, failures).second <= 60s);
  }
}

TEST_CASE("backoff: a first span past the most is the most; none is none, at once and after any number of failures") {
  CHECK(range({1h, 1s}, 1) == std::pair{milliseconds{500ms}, milliseconds{1s}});
  CHECK(range({0ms, 1s}, std::numeric_limits<int>::max()) == std::pair{0ms, 0ms});
  CHECK(range({1s, 0ms}, 5) == std::pair{0ms, 0ms});
  CHECK(range({-1s, 1s}, 5) == std::pair{0ms, 0ms});
  CHECK(range({1s, -1s}, 5) == std::pair{0ms, 0ms});
}

TEST_CASE("backoff: who failed together, told apart by neighbouring numbers, comes back spread evenly") {
  const Backoff backoff{1000ms, 1000ms};
  std::array<int, 10> tenths{};
  std::uint64_t near = 0;
  for (std::uint64_t token = 1; token <= many; ++token) {
    const auto wait = backoff(1, token);
    ++tenths.at(std::min<std::size_t>(static_cast<std::size_t>((wait - 500ms) / 50ms), 9));
    if (std::chrono::abs(wait - backoff(1, token + 1)) < 5ms) ++near;
  }
  for (const int count : tenths) {
    CHECK(count > 900);
    CHECK(count < 1100);
  }
  CHECK(near < many / 40);
}
