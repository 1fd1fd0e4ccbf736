#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <event_draft/options.hpp>
#include <event_draft/relay_options.hpp>

#include "adapters/event_log/json_lines_publisher.hpp"
#include "adapters/observers/log.hpp"
#include "http/http_server.hpp"

namespace event_draft::server {

/// How requests get to the ports: awaited on the event loops, or by blocking calls on worker threads.
enum class DriverKind { awaiting, blocking };

/// Everything that can be set from outside, in one place.
struct Config {
  HttpServerOptions http{.port = 8080};
  std::string data = "event-draft-data";  ///< folder of the database and of the event log
  Options service{};
  DriverKind driver = DriverKind::awaiting;
  std::size_t threads = 1;                  ///< event loops
  std::size_t workers = 8;                  ///< of the blocking driver
  std::size_t max_waiting = 256;            ///< requests under way, beside those that workers have
  std::chrono::milliseconds max_wait{500};  ///< for a worker
  bool gather = true;                       ///< whether awaited calls that wait go to their backend together
  std::string postgres{};                   ///< URL; empty: SQLite
  std::size_t postgres_connections = 10;
  std::size_t postgres_thread_connections = 2;
  bool postgres_prepared = false;
  std::string redis{};  ///< URL; empty: the cache in the process
  std::size_t redis_connections = 16;
  std::string kafka{};                          ///< brokers; empty: the event log
  std::vector<std::string> kafka_properties{};  ///< of librdkafka, `name=value`
  RelayOptions relay{};                         ///< but for the event source, which is the service's
  std::size_t cache_entries = 100'000;
  std::size_t cache_bytes = 64 * 1024 * 1024;
  event_log::Sync event_log_sync = event_log::Sync::every_event;
  observers::LogLevel log_level = observers::LogLevel::info;
};

/// The program is to end at once with this status: its help was asked for, or the command line is wrong (and it said so).
struct ExitStatus {
  int value;
};

/// From the command line, else the file that `--config` names, else the environment (`EVENT_DRAFT_…`).
[[nodiscard]] std::variant<Config, ExitStatus> read_config(int argc, const char* const* argv);

/// What is in force, a line a setting.
[[nodiscard]] std::string describe(const Config& config);

}  // namespace event_draft::server
