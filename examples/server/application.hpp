#pragma once

#include <event_draft.hpp>
#include <event_draft/controller.hpp>
#include <event_draft/outbox_relay.hpp>

#include "adapters/event_log/json_lines_publisher.hpp"
#include "adapters/memory/memory_draft_cache.hpp"
#include "adapters/observers/fan_out.hpp"
#include "adapters/observers/log_observer.hpp"
#include "adapters/observers/outbox_gauges.hpp"
#include "adapters/observers/prometheus_observer.hpp"
#include "adapters/observers/save_health.hpp"
#include "adapters/sqlite/sqlite_draft_repository.hpp"
#include "config.hpp"
#include "relay_bell.hpp"
#include "relay_thread.hpp"

namespace event_draft::server {

/// The composition root: which adapter is bound to which port, and nothing else.
class Application {
 public:
  using Repository = sqlite::SqliteDraftRepository;
  using Cache = memory::MemoryDraftCache<>;
  using Publisher = event_log::JsonLinesPublisher;
  using Observers =
      observers::FanOut<observers::PrometheusObserver, observers::LogObserver, observers::SaveHealth, RelayBell>;
  using Service = EventDraftService<Repository, Cache, Publisher, const SystemClock, Observers>;
  using Relay = OutboxRelay<Repository, Publisher, const SystemClock, Observers>;

  /// Opens the database and the event log in `config.data`, which is made when it is missing, and starts the relay.
  /// \throws std::exception with one line for whoever starts the program
  Application(const Config& config, observers::Log& log);

  observers::Log& log;
  observers::PrometheusObserver prometheus;
  observers::LogObserver log_observer;
  observers::SaveHealth save_health;
  observers::OutboxGauges outbox_gauges;
  RelayBell relay_bell;
  Observers observers;
  Repository repository;
  Cache cache;
  Publisher publisher;
  Service service;
  EventController<Service> controller;
  Relay relay;
  RelayThread relay_thread;  // the last, so that it ends before what it uses

 private:
  void look_at_outbox() noexcept;
};

}  // namespace event_draft::server
