#include <doctest/doctest.h>
#include <adapters/observers/fan_out.hpp>
#include <adapters/observers/prometheus_observer.hpp>
#include <adapters/observers/save_health.hpp>
#include <event_draft/testing/recording_observer.hpp>

#include <chrono>
#include <string>

using namespace event_draft;
using namespace std::chrono_literals;

namespace {

StepReport report(Step step, StepOutcome outcome, std::chrono::nanoseconds duration) {
  return {Operation::create, step, outcome, duration, 123, {}, {}};
}

std::string text_of(const observers::PrometheusObserver& observer) {
  std::string text;
  observer.write(text);
  return text;
}

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("steps are counted by outcome, and timed") {
  observers::PrometheusObserver observer;
  observer.on_step(report(Step::save, StepOutcome::ok, 3ms));
  observer.on_step(report(Step::save, StepOutcome::ok, 50ms));
  observer.on_step(report(Step::save, StepOutcome::failed, 2s));
  const std::string text = text_of(observer);
  CHECK(has_line(text, R"(event_draft_steps_total{operation="create",step="save",outcome="ok"} 2)"));
  CHECK(has_line(text, R"(event_draft_steps_total{operation="create",step="save",outcome="failed"} 1)"));
  CHECK(has_line(text, R"(event_draft_step_seconds_bucket{operation="create",step="save",le="0.0025"} 0)"));
  CHECK(has_line(text, R"(event_draft_step_seconds_bucket{operation="create",step="save",le="0.005"} 1)"));
  CHECK(has_line(text, R"(event_draft_step_seconds_bucket{operation="create",step="save",le="0.05"} 2)"));
  CHECK(has_line(text, R"(event_draft_step_seconds_bucket{operation="create",step="save",le="+Inf"} 3)"));
  CHECK(has_line(text, R"(event_draft_step_seconds_sum{operation="create",step="save"} 2.053000000)"));
  CHECK(has_line(text, R"(event_draft_step_seconds_count{operation="create",step="save"} 3)"));
  CHECK(text.find(R"(step="publish",outcome="ok")") == std::string::npos);
  CHECK(text.find(R"(_seconds_count{operation="create",step="publish")") == std::string::npos);
}

TEST_CASE("what an alarm looks at is there before it happens") {
  observers::PrometheusObserver observer;
  const std::string text = text_of(observer);
  CHECK(has_line(text, R"(event_draft_steps_total{operation="create",step="publish",outcome="lost"} 0)"));
  CHECK(has_line(text, R"(event_draft_steps_total{operation="create",step="save",outcome="failed"} 0)"));
  CHECK(has_line(text, R"(event_draft_steps_total{operation="find",step="load",outcome="failed"} 0)"));
  CHECK(text.find(R"(operation="find",step="publish")") == std::string::npos);
}

TEST_CASE("a failed save counts for a time, and only until one goes well") {
  observers::SaveHealth health;
  CHECK_FALSE(health.failed_within(1h));
  health.on_step(report(Step::save, StepOutcome::failed, 1ms));
  health.on_step(report(Step::cache, StepOutcome::ok, 1ms));
  CHECK(health.failed_within(1h));
  CHECK_FALSE(health.failed_within(0ns));
  health.on_step(report(Step::save, StepOutcome::in_progress, 1ms));
  CHECK_FALSE(health.failed_within(1h));
}

TEST_CASE("exceptions out of ports are counted") {
  observers::PrometheusObserver observer;
  observer.on_exception(Step::publish, "gone");
  CHECK(has_line(text_of(observer), R"(event_draft_port_exceptions_total{step="publish"} 1)"));
  CHECK(has_line(text_of(observer), R"(event_draft_port_exceptions_total{step="save"} 0)"));
}

TEST_CASE("every observer of a fan-out hears everything") {
  testing::RecordingObserver first, second;
  observers::FanOut both{first, second};
  both.on_step(report(Step::save, StepOutcome::ok, 1ms));
  both.on_exception(Step::publish, "gone");
  CHECK(first.log() == "save ok, publish threw: gone");
  CHECK(second.log() == first.log());
}
