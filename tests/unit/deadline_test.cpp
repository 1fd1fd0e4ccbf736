#include <doctest/doctest.h>

#include <chrono>
#include <event_draft/deadline.hpp>

using namespace event_draft;
using namespace std::chrono_literals;

namespace {

constexpr SteadyTime noon{12h};
constexpr Deadline deadline{noon};

static_assert(deadline.at() == noon);
static_assert(deadline.remaining(noon - 3ms) == 3ms && deadline.remaining(noon) == 0ns &&
              deadline.remaining(noon + 1h) == 0ns);
static_assert(!deadline.expired(noon - 1ns) && deadline.expired(noon) && deadline.expired(noon + 1ns));
static_assert(deadline == Deadline{noon} && deadline < Deadline{noon + 1ns});

}  // namespace

TEST_CASE("deadline: what remains is never negative") {
  CHECK(deadline.remaining(noon - 1ns) == 1ns);
  CHECK(deadline.remaining(noon) == 0ns);
  CHECK(deadline.remaining(SteadyTime::max()) == 0ns);
  CHECK(Deadline{SteadyTime::max()}.remaining(noon) == SteadyTime::max() - noon);
}

TEST_CASE("deadline: expired from its very moment on") {
  CHECK(!deadline.expired(noon - 1ns));
  CHECK(deadline.expired(noon));
  CHECK(deadline.expired(noon + 1ns));
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
