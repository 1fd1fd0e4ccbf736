#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <event_draft/step.hpp>
#include <string_view>

using namespace event_draft;
using namespace std::chrono_literals;

static_assert(to_string(Step::load) == "load");
static_assert(StepSet{}.empty() && sizeof(StepSet) == 2);

TEST_CASE("step: in words") {
  constexpr std::array<std::string_view, 10> names{"lookup", "validate", "save",  "load",   "approve",
                                                   "cache",  "publish",  "claim", "settle", "remove"};
  static_assert(names.size() == all_steps.size());
  for (std::size_t i = 0; i < names.size(); ++i) CHECK(to_string(all_steps[i]) == names[i]);
}

TEST_CASE("step set: holds what was put in and nothing else") {
  for (const Step in : all_steps) {
    StepSet set;
    set.insert(in);
    set.insert(in);
    CHECK(!set.empty());
    CHECK(set != StepSet{});
    for (const Step step : all_steps) CHECK(set.contains(step) == (step == in));
  }
}

TEST_CASE("step durations: of several turns of one step, the sum; nothing for a step that was not taken") {
  StepDurations durations;
  for (const Step step : all_steps) CHECK(!durations[step]);
  durations.add(Step::save, 5ns);
  durations.add(Step::save, 7ns);
  durations.add(Step::load, 0ns);
  CHECK(durations[Step::save] == 12ns);
  CHECK(durations[Step::load] == 0ns);
  for (const Step step : {Step::lookup, Step::validate, Step::cache, Step::publish}) CHECK(!durations[step]);
}
