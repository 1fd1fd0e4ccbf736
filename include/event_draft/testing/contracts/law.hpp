#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <latch>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <event_draft/deadline.hpp>
#include <event_draft/port_call.hpp>
#include <event_draft/testing/printing.hpp>
#include <event_draft/testing/samples.hpp>

namespace event_draft::testing {

/// What runs a contract over an adapter: default-constructible, with a fresh and empty port each time. Its deadlines
/// are by the adapter's own clock; `pass` lets that clock go on, by sleeping where it is the real one (a little over a
/// second, twice, for a cache; less than one in all for a repository, and a few for an outbox).
template <class H>
concept ContractHarness = std::default_initializable<H> && requires(H& harness, std::chrono::milliseconds span) {
  harness.port();
  { harness.deadline() } -> std::same_as<Deadline>;  // in good time for any call
  { harness.expired() } -> std::same_as<Deadline>;
  harness.pass(span);
};

/// May be left out: closes the port and opens it again over what it has stored, as a restart does.
template <class H>
concept Reopening = requires(H& harness) { harness.reopen(); };

}  // namespace event_draft::testing

namespace event_draft::testing::contracts {

/// `call(0)` to `call(threads - 1)`, all at the same moment; what each gave back.
template <class Call>
auto at_once(std::size_t threads, Call call) {
  using Outcome = std::invoke_result_t<Call&, std::size_t>;
  std::vector<std::optional<Outcome>> outcomes(threads);
  std::latch start{static_cast<std::ptrdiff_t>(threads)};
  std::vector<std::thread> running;
  for (std::size_t i = 0; i != threads; ++i) {
    running.emplace_back([&, i] {
      start.arrive_and_wait();
      outcomes[i].emplace(call_port([&] { return call(i); }, [](std::string_view) {}));
    });
  }
  for (auto& thread : running) thread.join();
  return outcomes;
}

/// The port's answer to a call past its deadline: nothing was done, and it did not take the time of a time-out to say
/// so.
template <class Call>
void refuses_when_expired(Call call) {
  const auto began = std::chrono::steady_clock::now();
  const auto result = call();
  DOCTEST_REQUIRE(!result);
  DOCTEST_CHECK(result.assume_error().code == Errc::deadline_exceeded);
  DOCTEST_CHECK(result.assume_error().certainty == Certainty::not_applied);
  DOCTEST_CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds{2});
}

template <class Harness>
using PortOf = std::remove_reference_t<decltype(std::declval<Harness&>().port())>;

/// Runs a law over a fresh port that can do what it is about, or says that it was left out.
template <class Harness, bool able, class Law>
void where_able(const std::string& lacking, Law law) {
  if constexpr (able) {
    Harness harness;
    law(harness);
  } else {
    DOCTEST_MESSAGE("left out: ", lacking);
  }
}

/// The same for a law about restarts.
template <class Harness, class Law>
void restarting(Law law) {
  where_able<Harness, Reopening<Harness>>("the harness has no reopen()", law);
}

}  // namespace event_draft::testing::contracts

/// One law as a test case, "<port> contract of <harness>: <law>".
#define EVENT_DRAFT_LAW(port, Harness, text, law) \
  DOCTEST_TEST_CASE(port " contract of " #Harness ": " text) { ::event_draft::testing::contracts::law<Harness>(); }
