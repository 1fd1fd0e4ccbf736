#include "application.hpp"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string_view>

#include <event_draft/port_call.hpp>

namespace event_draft::server {
namespace {

std::filesystem::path data_folder(const Config& config) {
  std::error_code error;
  namespace fs = std::filesystem;
  if (fs::create_directories(config.data, error))  // drafts are nobody else's business
    fs::permissions(config.data, fs::perms::others_all | fs::perms::group_write, fs::perm_options::remove, error);
  if (error) throw std::runtime_error{fmt::format("can't make the data folder {}: {}", config.data, error.message())};
  return config.data;
}

/// Hears the causes of an adapter's failures; the steps' own reports only have their codes.
std::function<void(std::string_view)> warning(observers::Log& log, std::string_view adapter) {
  return [&log, adapter](std::string_view cause) {
    log.write(observers::LogLevel::warning, adapter, {{"cause", cause}});
  };
}

/// A resend is recognised by source and id, so the relay's source is the service's.
RelayOptions relay_options(const Config& config) {
  RelayOptions options = config.relay;
  options.event_source = config.service.event_source;
  return options;
}

}  // namespace

Application::Application(const Config& config, observers::Log& to)
    : log{to},
      log_observer{to},
      observers{prometheus, log_observer, save_health, relay_bell},
      repository{{.path = data_folder(config) / "event_draft.db", .on_failure = warning(to, "sqlite")}},
      cache{{.entries = config.cache_entries, .bytes = config.cache_bytes}},
      publisher{{.path = data_folder(config) / "events.jsonl",
                 .sync = config.event_log_sync,
                 .on_failure = warning(to, "event_log")}},
      service{repository, cache, publisher, config.service, system_clock, observers},
      controller{service},
      relay{repository, publisher, relay_options(config), system_clock, observers},
      relay_thread{relay_bell, {[this] { return relay.run_once(); }, [this] { look_at_outbox(); }}} {
  if (const auto torn = publisher.torn_bytes(); torn > 0) {
    log.write(observers::LogLevel::warning, "event_log",
              {{"cause", "a torn last line was cut off"}, {"bytes", static_cast<std::int64_t>(torn)}});
  }
}

/// While the broker is down the relay waits, but requests may be able to publish again: what they did is settled here, too.
void Application::look_at_outbox() noexcept {
  constexpr std::chrono::seconds time{1};
  const auto no_words = [](std::string_view) noexcept {};
  static_cast<void>(call_port([&] { return repository.settle({}, Deadline::after(time)); }, no_words));
  const auto stats = call_port([&] { return repository.stats(Deadline::after(time)); }, no_words);
  if (stats) outbox_gauges.set(stats.assume_value());
}

}  // namespace event_draft::server
