#include "application.hpp"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <string_view>

#include <event_draft/port_call.hpp>

namespace event_draft::server {
namespace {

const Config& make_data_folder(const Config& config) {
  std::error_code error;
  namespace fs = std::filesystem;
  if (fs::create_directories(config.data, error))  // drafts are nobody else's business
    fs::permissions(config.data, fs::perms::others_all | fs::perms::group_write, fs::perm_options::remove, error);
  if (error) throw std::runtime_error{fmt::format("can't make the data folder {}: {}", config.data, error.message())};
  return config;
}

/// A resend is recognised by source and id, so the relay's source is the service's.
RelayOptions relay_options(const Config& config) {
  RelayOptions options = config.relay;
  options.event_source = config.service.event_source;
  return options;
}

constexpr std::size_t operators_workers = 2;  // what only operators ask blocks, even if requests don't

std::size_t workers_of(const Config& config) {
  return config.driver == DriverKind::blocking ? config.workers : operators_workers;
}

}  // namespace

Application::Application(const Config& config, observers::Log& to)
    : config_{config},
      log{to},
      log_observer{to},
      observers{prometheus, log_observer, save_health, relay_bell},
      repository{make_repository(make_data_folder(config), to)},
      cache{make_cache(config, to)},
      publisher{make_publisher(config, to)},
      service{*repository, *cache, *publisher, config.service, system_clock, observers},
      places{config.max_waiting + (config.driver == DriverKind::blocking ? config.workers : 0)},
      workers{workers_of(config), config.max_wait},
      relay{*repository, *publisher, relay_options(config), system_clock, observers},
      relay_thread{relay_bell, {[this] { return relay.run_once(); }, [this] { look_at_outbox(); }}} {
  repository->listen([this] { relay_bell.ring(); });
}

std::unique_ptr<Driver> Application::driver_on(adapters::Loop& loop) {
  if (config_.driver == DriverKind::blocking) {
    return std::make_unique<BlockingDriver<Service>>(loop, workers, *repository, *cache, *publisher, service);
  }
  return std::make_unique<AwaitingDriver<Observers>>(loop, workers, *repository, *cache, *publisher, config_.service,
                                                     observers);
}

/// While the broker is down the relay waits, but requests may be able to publish again: what they did is settled here, too.
void Application::look_at_outbox() noexcept {
  constexpr std::chrono::seconds time{1};
  const auto no_words = [](std::string_view) noexcept {};
  static_cast<void>(call_port([&] { return repository->settle({}, Deadline::after(time)); }, no_words));
  const auto stats = call_port([&] { return repository->stats(Deadline::after(time)); }, no_words);
  if (stats) outbox_gauges.set(stats.assume_value());
}

}  // namespace event_draft::server
