#include <fmt/format.h>

#include <fcntl.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <event_draft/formatters.hpp>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "admin_access.hpp"
#include "application.hpp"
#include "config.hpp"
#include "event_loops.hpp"
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

/// Calls `on_signal` on a thread of its own at each SIGTERM or SIGINT, with their count so far; every other thread must
/// have them blocked.
class StopOnSignal {
 public:
  explicit StopOnSignal(std::function<void(int signal, int count)> on_signal)
      : thread_{[this, on_signal = std::move(on_signal)] {
          const sigset_t signals = stop_signals();
          for (int count = 1;; ++count) {
            int signal = 0;
            sigwait(&signals, &signal);
            if (ended_) return;
            on_signal(signal, count);
          }
        }} {}

  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;

  ~StopOnSignal() {
    ended_ = true;
    // Every thread has it blocked, so it is only taken by sigwait.
    pthread_kill(thread_.native_handle(), SIGTERM);  // NOLINT(bugprone-bad-signal-to-kill-thread)
    thread_.join();
  }

 private:
  std::atomic<bool> ended_ = false;
  std::thread thread_;
};

std::string base_url(const HttpServerOptions& http, unsigned port) {
  const bool is_ipv6 = http.address.find(':') != std::string::npos;
  return is_ipv6 ? fmt::format("http://[{}]:{}", http.address, port) : fmt::format("http://{}:{}", http.address, port);
}

/// What a new user needs: where to look, and a line to paste for each objective.
void greet(const Config& config, unsigned port) {
  const std::string url = base_url(config.http, port);
  std::string text =
      fmt::format("configuration:\n{}\nlistening on {}\n\nThe page: {}/\nOr try, with one user for each objective:\n",
                  describe(config), url, url);
  unsigned user = 123;
  for (const Objective objective : all_objectives) {
    text += fmt::format(
        "  curl -i {}/api/events/purposes -H 'Content-Type: application/json' -d '{{\"userId\":{},\"objective\":\"{}\","
        "\"storeName\":\"맛있는집\",\"industry\":\"음식점\",\"address\":\"서울시 강남구\"}}'\n",
        url, user++, objective);
  }
  if (!config.kafka.empty())
    text += fmt::format("And what becomes of the events:\n  examples/analytics --brokers {}\n", config.kafka);
  std::fputs(text.c_str(), stdout);  // does not throw: the service does without a reader
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

/// What is not for clients: files and standard streams, what waits for events, and connections to the backends.
rlim_t own_descriptors(const Config& config) {
  constexpr std::size_t of_process = 64, of_loop = 4;
  rlim_t own = of_process + config.threads * of_loop;
  // A loop waits for a PostgreSQL connection by a second descriptor.
  if (!config.postgres.empty())
    own += config.postgres_connections + config.threads * 2 * config.postgres_thread_connections;
  if (!config.redis.empty()) own += config.redis_connections + config.threads;
  return own;
}

/// Each connection takes a descriptor; what the system does not give, is not promised to clients.
void fit_to_descriptors(HttpLimits& limits, rlim_t own, observers::Log& log) {
  const rlim_t besides = limits.max_refusals + own;
  const rlim_t wanted = limits.max_connections + besides;
  rlimit descriptors{};
  if (::getrlimit(RLIMIT_NOFILE, &descriptors) != 0 || descriptors.rlim_cur >= wanted) return;
  descriptors.rlim_cur = std::min(wanted, descriptors.rlim_max);
  if (::setrlimit(RLIMIT_NOFILE, &descriptors) == 0 && descriptors.rlim_cur == wanted) return;
  limits.max_connections = descriptors.rlim_cur > besides ? descriptors.rlim_cur - besides : 1;
  log.write(observers::LogLevel::warning, "max_connections_lowered",
            {{"cause", "the hard limit of open files"},
             {"max_connections", static_cast<std::int64_t>(limits.max_connections)}});
}

std::filesystem::path admin_path(const Config& config) { return std::filesystem::path{config.data} / "admin"; }

int serve(Config config) {
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before any thread starts, so that all have it
  observers::Log log{STDERR_FILENO, config.log_level};
  fit_to_descriptors(config.http.limits, own_descriptors(config), log);
  EventLoops loops{config.threads};
  Application application{config, log};
  const AdminToken admin_token;
  Routes routes{application, admin_token};
  std::vector<std::unique_ptr<Driver>> drivers;
  std::vector<HttpLoop> http_loops;
  for (std::size_t i = 0; i != loops.size(); ++i) {
    Driver& driver = *drivers.emplace_back(application.driver_on(loops[i]));
    http_loops.push_back({loops[i].context(),
                          [&routes, &driver](const HttpRequest& request) { return routes.answer(driver, request); }});
  }
  config.http.on_refusal = [&](unsigned status) { routes.count_refusal(status); };
  HttpServer server{config.http, std::move(http_loops), [&](const HttpEvent& event) {
                      log.write(log_level(event.level), event.key, {{"details", event.details}});
                    }};
  const StopOnSignal stop{[&](int signal, int count) {
    log.write(observers::LogLevel::info, count == 1 ? "stopping" : "cut_short", {{"signal", std::int64_t{signal}}});
    if (count > 1) std::_Exit(128 + signal);  // whoever asks twice does not want to wait
    server.stop();
  }};
  const AdminFile admin_file{admin_path(config), config.http.address, server.port(), admin_token};
  greet(config, server.port());
  server.run();
  application.relay_thread.stop();  // while a second signal can still cut it short
  log.write(observers::LogLevel::info, "stopped", {});
  return EXIT_SUCCESS;
}

/// A file that took the number of a closed standard stream would get what is written to the stream.
void open_standard_streams() noexcept {
  int descriptor = 0;
  do descriptor = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  while (descriptor >= 0 && descriptor <= STDERR_FILENO);
  if (descriptor >= 0) ::close(descriptor);
}

}  // namespace

int main(int argc, char** argv) {
  open_standard_streams();
  std::signal(SIGPIPE, SIG_IGN);  // a client or a log reader that went away must not end the server
  std::signal(SIGXFSZ, SIG_IGN);  // a file at its size limit is an error of that write
  try {
    const auto read = read_config(argc, argv);
    if (const auto* status = std::get_if<ExitStatus>(&read)) return status->value;
    return serve(std::get<Config>(read));
  } catch (const std::exception& error) {
    std::fputs("event_draft_server: ", stderr);  // does not throw, whatever standard error is
    std::fputs(error.what(), stderr);
    std::fputs("\n", stderr);
    return EXIT_FAILURE;
  }
}
