#pragma once

#include <event_draft.hpp>
#include <event_draft/outbox_relay.hpp>
#include <memory>

#include "adapters/observers/fan_out.hpp"
#include "adapters/observers/log_observer.hpp"
#include "adapters/observers/outbox_gauges.hpp"
#include "adapters/observers/prometheus_observer.hpp"
#include "adapters/observers/save_health.hpp"
#include "backends.hpp"
#include "config.hpp"
#include "drivers.hpp"
#include "http/places.hpp"
#include "http/worker_pool.hpp"
#include "relay_bell.hpp"
#include "relay_thread.hpp"

namespace event_draft::server {

/// The composition root: which adapter is bound to which port, and nothing else.
class Application {
 public:
  using Observers =
      observers::FanOut<observers::PrometheusObserver, observers::LogObserver, observers::SaveHealth, RelayBell>;
  using Service = EventDraftService<RepositoryBackend, CacheBackend, PublisherBackend, const SystemClock, Observers>;
  using Relay = OutboxRelay<RepositoryBackend, PublisherBackend, const SystemClock, Observers>;

  /// Opens or connects to what the configuration names, makes the folder `config.data`, and starts the relay.
  /// \throws std::exception with one line for whoever starts the program
  Application(const Config& config, observers::Log& log);

  /// For the requests of an event loop, which outlives it. It must end before this does.
  [[nodiscard]] std::unique_ptr<Driver> driver_on(adapters::Loop& loop);

 private:
  const Config& config_;

 public:
  observers::Log& log;
  observers::PrometheusObserver prometheus;
  observers::LogObserver log_observer;
  observers::SaveHealth save_health;
  observers::OutboxGauges outbox_gauges;
  RelayBell relay_bell;
  Observers observers;
  const std::unique_ptr<RepositoryBackend> repository;
  const std::unique_ptr<CacheBackend> cache;
  const std::unique_ptr<PublisherBackend> publisher;
  Service service;  ///< of the blocking driver
  Places places;    ///< of requests under way
  WorkerPool workers;
  Relay relay;
  RelayThread relay_thread;  // the last, so that it ends before what it uses

 private:
  void look_at_outbox() noexcept;
};

}  // namespace event_draft::server
