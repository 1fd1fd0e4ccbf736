#include <fmt/format.h>

#include <pthread.h>
#include <unistd.h>
#include <event_draft/formatters.hpp>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>

#include "application.hpp"
#include "config.hpp"
#include "routes.hpp"

namespace {

using namespace event_draft;
using namespace event_draft::server;

sigset_t stop_signals() {
  sigset_t signals{};
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

/// Calls `on_signal` on a thread of its own when SIGTERM or SIGINT comes; every other thread must have them blocked.
class StopOnSignal {
 public:
  explicit StopOnSignal(std::function<void(int)> on_signal)
      : thread_{[on_signal = std::move(on_signal)] {
          const sigset_t signals = stop_signals();
          int signal = 0;
          sigwait(&signals, &signal);
          on_signal(signal);
        }} {}

  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;

  ~StopOnSignal() {
    pthread_kill(thread_.native_handle(), SIGTERM);  // in case it still waits
    thread_.join();
  }

 private:
  std::thread thread_;
};

std::string base_url(const HttpServerOptions& http, unsigned port) {
  const bool is_ipv6 = http.address.find(':') != std::string::npos;
  return is_ipv6 ? fmt::format("http://[{}]:{}", http.address, port) : fmt::format("http://{}:{}", http.address, port);
}

/// What a new user needs: where to look, and a line to paste for each objective.
void greet(const Config& config, unsigned port) {
  const std::string url = base_url(config.http, port);
  fmt::print("configuration:\n{}\nlistening on {}\n\nThe page: {}/\nOr try, with one user for each objective:\n",
             describe(config), url, url);
  unsigned user = 123;
  for (const Objective objective : all_objectives) {
    fmt::print(
        "  curl -i {}/api/events/purposes -H 'Content-Type: application/json' -d '{{\"userId\":{},\"objective\":\"{}\","
        "\"storeName\":\"맛있는집\",\"industry\":\"음식점\",\"address\":\"서울시 강남구\"}}'\n",
        url, user++, objective);
  }
  std::fflush(stdout);
}

observers::LogLevel log_level(HttpEvent::Level level) {
  switch (level) {
    case HttpEvent::Level::info: return observers::LogLevel::info;
    case HttpEvent::Level::warning: return observers::LogLevel::warning;
    case HttpEvent::Level::error: break;
  }
  return observers::LogLevel::error;
}

int serve(const Config& config) {
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before any thread starts, so that all have it
  observers::Log log{STDERR_FILENO, config.log_level};
  Application application{config, log};
  Routes routes{application};
  HttpServer server{config.http, [&](const HttpRequest& request) { return routes.answer(request); },
                    [&](const HttpEvent& event) {
                      log.write(log_level(event.level), event.key, {{"details", event.details}});
                    }};
  const StopOnSignal stop{[&](int signal) {
    log.write(observers::LogLevel::info, "stopping", {{"signal", std::int64_t{signal}}});
    server.stop();
  }};
  greet(config, server.port());
  server.run();
  log.write(observers::LogLevel::info, "stopped", {});
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE,
              SIG_IGN);  // NOLINT(cert-err33-c): a client or a log reader that went away must not end the server
  std::signal(SIGXFSZ, SIG_IGN);  // NOLINT(cert-err33-c): a file at its size limit is an error of that write
  try {
    const auto read = read_config(argc, argv);
    if (const auto* status = std::get_if<ExitStatus>(&read)) return status->value;
    return serve(std::get<Config>(read));
  } catch (const std::exception& error) {
    fmt::print(stderr, "event_draft_server: {}\n", error.what());
    return EXIT_FAILURE;
  }
}
