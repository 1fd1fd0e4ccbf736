#include <doctest/doctest.h>

#include <chrono>
#include <event_draft/deadline.hpp>

using namespace event_draft;
using namespace std::chrono_literals;

namespace {

constexpr SteadyTime noon{12h};
constexpr Deadline noon_deadline{noon};

static_assert(noon_deadline.at() == noon);
static_assert(noon_deadline.remaining(noon - 3ms) == 3ms && noon_deadline.remaining(noon) == 0ns &&
              noon_deadline.remaining(noon + 1h) == 0ns);
static_assert(!noon_deadline.expired(noon - 1ns) && noon_deadline.expired(noon) && noon_deadline.expired(noon + 1ns));
static_assert(noon_deadline == Deadline{noon} && noon_deadline < Deadline{noon + 1ns});

}  // namespace

TEST_CASE("deadline: what remains is never negative") {
  CHECK(noon_deadline.remaining(noon - 1ns) == 1ns);
  CHECK(noon_deadline.remaining(noon) == 0ns);
  CHECK(noon_deadline.remaining(SteadyTime::max()) == 0ns);
  CHECK(Deadline{SteadyTime::max()}.remaining(noon) == SteadyTime::max() - noon);
}

TEST_CASE("deadline: expired from its very moment on") {
  CHECK(!noon_deadline.expired(noon - 1ns));
  CHECK(noon_deadline.expired(noon));
  CHECK(noon_deadline.expired(noon + 1ns));
}

TEST_CASE("deadline: on the process's own clock") {
  const SteadyTime before = std::chrono::steady_clock::now();
  const Deadline hour = Deadline::after(1h);
  const SteadyTime after = std::chrono::steady_clock::now();
  CHECK(hour.at() >= before + 1h);
  CHECK(hour.at() <= after + 1h);
  CHECK(!hour.expired());
  CHECK(hour.remaining() > 0ns);
  CHECK(hour.remaining() <= 1h);
  const Deadline past = Deadline::after(-1h);
  CHECK(past.expired());
  CHECK(past.remaining() == 0ns);
}

TEST_CASE("deadline: the earlier is less") {
  CHECK(Deadline{noon} < Deadline{noon + 1ns});
  CHECK(Deadline{noon} == Deadline{noon});
  CHECK(Deadline{noon} > Deadline{noon - 1ns});
}

TEST_CASE("a deadline past the end of time is the end of time") {
  const SteadyTime now{1h};
  CHECK(Deadline::after(std::chrono::nanoseconds::max(), now).at() == SteadyTime::max());
  CHECK(Deadline::after(std::chrono::hours::max(), now).at() == SteadyTime::max());
  CHECK(Deadline::after(std::chrono::milliseconds::max(), SteadyTime{-1h}).at() == SteadyTime::max());
  CHECK(Deadline::after(1h, now).at() == now + 1h);
  CHECK(Deadline::after(-1h, now).at() == SteadyTime{});
}
