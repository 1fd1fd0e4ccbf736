#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "analytics.hpp"
#include "report.hpp"

namespace {

using event_draft::consumer::Analytics;
using event_draft::consumer::AnalyticsConfig;

volatile std::sig_atomic_t stops = 0;

/// The first asks for an end in order; with the second somebody has lost patience.
void on_signal(int number) {
  if (stops != 0) ::_exit(128 + number);
  stops = 1;
}

event_draft::kafka::Property property(const std::string& text) {
  const auto end = text.find('=');
  if (end == std::string::npos) throw CLI::ValidationError{"--property", "it is NAME=VALUE"};
  return {text.substr(0, end), text.substr(end + 1)};
}

int run(AnalyticsConfig config) {
  config.refreshes_table = ::isatty(STDOUT_FILENO) == 1;
  Analytics analytics{std::move(config)};
  bool goes_on = true;
  while (goes_on && stops == 0) goes_on = analytics.run_once();
  analytics.save();
  if (::isatty(STDOUT_FILENO) == 0) fmt::print("{}", event_draft::consumer::table_text(analytics.tally()));
  const int status = goes_on ? 0 : 1;
  if (analytics.leave()) return status;
  std::fflush(nullptr);
  ::_exit(status);  // what is done at an exit in order would be pulled from under threads that still run
}

}  // namespace

int main(int count, char** arguments) {
  AnalyticsConfig config;
  std::vector<std::string> properties;
  CLI::App app{
      "The Analytics Service: counts the drafts that are announced on event-topic, by day (UTC) and objective."};
  app.add_option("--brokers", config.brokers, "HOST:PORT, several with commas between")
      ->envname("EVENT_DRAFT_KAFKA")
      ->required();
  app.add_option("--group", config.group, "the consumer group")->capture_default_str();
  app.add_option("--csv", config.csv, "a file that is kept up to date with the counts");
  app.add_option("--progress", config.progress, "a file that the counts go on from after a restart");
  app.add_option("--remember", config.remembered_ids, "latest event ids, to know a resend by")->capture_default_str();
  app.add_option("--property", properties, "NAME=VALUE of librdkafka, as often as wanted");
  try {
    app.parse(count, arguments);
    for (const std::string& each : properties) config.properties.push_back(property(each));
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  for (const int signal : {SIGTERM, SIGINT}) std::signal(signal, on_signal);
  try {
    return run(std::move(config));
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
