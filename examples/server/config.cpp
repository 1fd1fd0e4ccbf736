#include "config.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <map>
#include <stdexcept>

#include <event_draft/decorators/circuit.hpp>

#include "server_backends.hpp"

namespace event_draft::server {
namespace {

using Milliseconds = std::chrono::milliseconds;

const std::map<std::string, InProgressPolicy> in_progress_policies{{"keep", InProgressPolicy::keep},
                                                                   {"replace", InProgressPolicy::replace_if_different}};
const std::map<std::string, DriverKind> drivers{{"awaiting", DriverKind::awaiting}, {"blocking", DriverKind::blocking}};
const std::map<std::string, event_log::Sync> syncs{{"every-event", event_log::Sync::every_event},
                                                   {"never", event_log::Sync::never}};
const std::map<std::string, observers::LogLevel> log_levels{{"debug", observers::LogLevel::debug},
                                                            {"info", observers::LogLevel::info},
                                                            {"warning", observers::LogLevel::warning},
                                                            {"error", observers::LogLevel::error}};

template <class Value>
std::string name_of(const std::map<std::string, Value>& names, Value value) {
  for (const auto& [name, named] : names) {
    if (named == value) return name;
  }
  return {};
}

/// A flag, its environment variable and its line in the file, all of one name.
template <class Value>
CLI::Option* add(CLI::App& app, const std::string& name, Value& value, const std::string& help) {
  std::string variable = "EVENT_DRAFT_";
  for (const char c : name) variable += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return app.add_option("--" + name, value, help)->envname(variable)->capture_default_str();
}

template <class Enum>
void add_choice(CLI::App& app, const std::string& name, std::string& chosen, Enum& value,
                const std::map<std::string, Enum>& choices, const std::string& help) {
  chosen = name_of(choices, value);
  add(app, name, chosen, help)->check(CLI::IsMember(choices))->each([&](const std::string& text) {
    if (const auto found = choices.find(text); found != choices.end()) value = found->second;
  });
}

void add_time(CLI::App& app, const std::string& name, std::int64_t& count, Milliseconds& value, const std::string& help,
              std::int64_t least = 1) {
  count = value.count();
  add(app, name, count, help)->check(CLI::Range(least, std::int64_t{3'600'000}));
}

/// A call with less time says nothing of its backend, so that nobody would find out that it is back.
constexpr std::int64_t least_budget = 2 * CircuitOptions{}.fair.count();

/// Never throws, whatever standard error is, so that the exit status is this.
ExitStatus refused(const std::string& why) {
  std::fputs(("event_draft_server: " + why + " (--help lists the flags)\n").c_str(), stderr);
  return {2};
}

}  // namespace

std::variant<Config, ExitStatus> read_config(int argc, const char* const* argv) {
  Config config;
  std::string driver, in_progress, sync, level;
  std::int64_t request_budget = 0, cache_budget = 0, publish_budget = 0, max_wait = 0, header_time = 0, body_time = 0,
               idle_time = 0, grace_time = 0, relay_poll = 0, relay_lease = 0, relay_backoff = 0, retention_hours = 0;

  CLI::App app{
      "Serves the event draft API and its page. Without --postgres, --redis and --kafka it keeps to SQLite, an "
      "in-process "
      "cache and an event log on disk; each stands alone.",
      "event_draft_server"};
  app.set_version_flag("--version", "event_draft_server 0.1.0");
  // CLI11 reads the file before the environment, so it has to be told of this variable.
  const char* const file = std::getenv("EVENT_DRAFT_CONFIG");
  const bool has_file = file != nullptr && *file != '\0';
  app.set_config("--config", has_file ? file : "", "read flags from this file, a line `name=value` each", has_file);
  app.allow_config_extras(CLI::config_extras_mode::error);

  auto& http = config.http;
  add(app, "address", http.address,
      "address to listen on; userId is trusted, so keep it on loopback or behind the User Service");
  add(app, "port", http.port, "port to listen on; 0 takes a free one")->check(CLI::Range(0, 65'535));
  add(app, "host-name", http.host_names, "names that clients may call this server by, separated by commas")
      ->delimiter(',');
  add(app, "data", config.data, "folder of the database and of events.jsonl; made when missing");
  add(app, "postgres", config.postgres, "keep drafts and events there: postgresql://USER:PASSWORD@HOST:PORT/DATABASE");
  add(app, "postgres-connections", config.postgres_connections,
      "most connections to it of the relay and, with the blocking driver, of the requests")
      ->check(CLI::Range(1, 1000));
  add(app, "postgres-thread-connections", config.postgres_thread_connections, "connections to it of each of --threads")
      ->check(CLI::Range(1, 100));
  add(app, "postgres-prepared", config.postgres_prepared,
      "whether it keeps prepared statements; not through a transaction-pooling PgBouncer");
  add(app, "redis", config.redis, "cache there: redis://USER:PASSWORD@HOST:PORT/DATABASE?prefix=TEXT, or unix:///PATH");
  add(app, "redis-connections", config.redis_connections,
      "most connections to it of the blocking driver; the awaiting one has one a thread")
      ->check(CLI::Range(1, 1000));
  add(app, "kafka", config.kafka, "publish there: HOST:PORT,HOST:PORT");
  add(app, "kafka-property", config.kafka_properties, "a setting of librdkafka, NAME=VALUE; more than once if need be")
      ->check(CLI::Validator{[](std::string& text) {
                               const auto equals = text.find('=');  // its value may be a secret, so it is not told
                               return equals == 0 || equals == std::string::npos ? "it is not NAME=VALUE" : "";
                             },
                             "NAME=VALUE"});
  add_choice(app, "driver", driver, config.driver, drivers,
             "how requests wait for their backends: awaiting, many on each thread, or blocking, one on each worker");
  add(app, "threads", config.threads, "threads with an event loop each")->check(CLI::Range(1, 64));
  add(app, "workers", config.workers, "requests handled at the same time by the blocking driver")
      ->check(CLI::Range(1, 256));
  add(app, "gather", config.gather,
      "whether what waits for a backend at the same time goes there together; off only to measure what it is worth");
  add(app, "max-connections", http.limits.max_connections, "open connections; more are told 503")
      ->check(CLI::Range(1, 100'000));
  add(app, "max-waiting", config.max_waiting,
      "requests under way, beside those that workers have; more are told 503 at once")
      ->check(CLI::Range(1, 100'000));
  add_time(app, "max-wait-ms", max_wait, config.max_wait, "time that a request may wait for a worker, else 503");
  add_time(app, "header-ms", header_time, http.limits.header_time, "time for a request's header");
  add_time(app, "body-ms", body_time, http.limits.body_time, "time for a request's body");
  add_time(app, "idle-ms", idle_time, http.limits.idle_time, "time that a connection may idle");
  add_time(app, "grace-ms", grace_time, http.limits.grace_time, "time for requests under way when told to stop");
  add_time(app, "request-budget-ms", request_budget, config.service.budget.request, "time for one operation");
  add_time(app, "cache-budget-ms", cache_budget, config.service.budget.cache, "of that, for each call of the cache",
           least_budget);
  add_time(app, "publish-budget-ms", publish_budget, config.service.budget.publish,
           "of that, at most half, kept back for publishing the event", least_budget);
  add_choice(app, "in-progress", in_progress, config.service.in_progress, in_progress_policies,
             "what a different request within 30 minutes does: keep or replace the draft");
  add(app, "cache-entries", config.cache_entries, "most entries in the cache")->check(CLI::Range(1, 10'000'000));
  add(app, "cache-bytes", config.cache_bytes, "most bytes of keys and values in the cache")
      ->check(CLI::Range(1024ULL, 1ULL << 40U));
  add_choice(app, "event-log-sync", sync, config.event_log_sync, syncs,
             "when an event is on disk before it counts as published: every-event or never");
  add_time(app, "relay-poll-ms", relay_poll, config.relay.poll, "time between looks for events that are due");
  add_time(app, "relay-lease-ms", relay_lease, config.relay.lease,
           "time after which events are claimed again that were being published when the server was killed");
  add_time(app, "relay-backoff-ms", relay_backoff, config.relay.backoff.most,
           "longest time between attempts of an event that fails while others are published");
  add(app, "relay-attempts", config.relay.most_attempts, "times that an event may fail by itself before it is parked")
      ->check(CLI::Range(2, 1000));
  add(app, "relay-batch", config.relay.batch, "most events published at once")->check(CLI::Range(1, 10'000));
  add(app, "relay-max-per-second", config.relay.most_per_second, "most events a second when there is much to catch up")
      ->check(CLI::Range(1, 1'000'000));
  retention_hours = std::chrono::floor<std::chrono::hours>(config.relay.retention).count();
  add(app, "event-retention-hours", retention_hours, "time that published events stay in the database")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{10'000}));
  add_choice(app, "log-level", level, config.log_level, log_levels, "least level that is logged, to standard error");

  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& wanted) {
    return ExitStatus{app.exit(wanted)};
  } catch (const CLI::Error& error) {
    return refused(error.what());
  }
  try {
    if (!config.redis.empty()) static_cast<void>(shown_redis(config.redis));
    if (!config.postgres.empty()) static_cast<void>(shown_postgres(config.postgres));
  } catch (const std::invalid_argument& error) {
    return refused(error.what());
  }
  if (cache_budget > request_budget) return refused("--cache-budget-ms is more than --request-budget-ms");
  config.max_wait = Milliseconds{max_wait};
  http.limits.header_time = Milliseconds{header_time};
  http.limits.body_time = Milliseconds{body_time};
  http.limits.idle_time = Milliseconds{idle_time};
  http.limits.grace_time = Milliseconds{grace_time};
  config.service.budget = {.request = Milliseconds{request_budget},
                           .publish = Milliseconds{publish_budget},
                           .cache = Milliseconds{cache_budget}};
  config.relay.poll = Milliseconds{relay_poll};
  config.relay.lease = Milliseconds{relay_lease};
  config.relay.backoff.most = Milliseconds{relay_backoff};
  config.relay.retention = std::chrono::hours{retention_hours};
  return config;
}

std::string describe(const Config& config) {
  const auto& http = config.http;
  std::string text;
  const auto line = [&](std::string_view name, const auto& value) {
    fmt::format_to(std::back_inserter(text), "  {:<27} {}\n", name, value);
  };
  line("address", http.address);
  line("port", http.port);
  for (const auto& name : http.host_names) line("host-name", name);
  line("data", config.data);
  if (!config.postgres.empty()) {
    line("postgres", shown_postgres(config.postgres));
    line("postgres-connections", config.postgres_connections);
    line("postgres-thread-connections", config.postgres_thread_connections);
    line("postgres-prepared", config.postgres_prepared);
  }
  if (!config.redis.empty()) {
    line("redis", shown_redis(config.redis));
    line("redis-connections", config.redis_connections);
  }
  if (!config.kafka.empty()) line("kafka", config.kafka);
  for (const auto& property : config.kafka_properties)
    line("kafka-property", property.substr(0, property.find('=')) + "=…");
  line("driver", name_of(drivers, config.driver));
  line("threads", config.threads);
  line("workers", config.workers);
  line("gather", config.gather);
  line("max-connections", http.limits.max_connections);
  line("max-waiting", config.max_waiting);
  line("max-wait-ms", config.max_wait.count());
  line("header-ms", http.limits.header_time.count());
  line("body-ms", http.limits.body_time.count());
  line("idle-ms", http.limits.idle_time.count());
  line("grace-ms", http.limits.grace_time.count());
  line("request-budget-ms", config.service.budget.request.count());
  line("cache-budget-ms", config.service.budget.cache.count());
  line("publish-budget-ms", config.service.budget.publish.count());
  line("in-progress", name_of(in_progress_policies, config.service.in_progress));
  line("cache-entries", config.cache_entries);
  line("cache-bytes", config.cache_bytes);
  line("event-log-sync", name_of(syncs, config.event_log_sync));
  line("relay-poll-ms", config.relay.poll.count());
  line("relay-lease-ms", config.relay.lease.count());
  line("relay-backoff-ms", config.relay.backoff.most.count());
  line("relay-attempts", config.relay.most_attempts);
  line("relay-batch", config.relay.batch);
  line("relay-max-per-second", config.relay.most_per_second);
  line("event-retention-hours", std::chrono::floor<std::chrono::hours>(config.relay.retention).count());
  line("log-level", name_of(log_levels, config.log_level));
  return text;
}

}  // namespace event_draft::server
