#include "backends.hpp"

#include "embedded_backends.hpp"
#include "server_backends.hpp"

namespace event_draft::server {
namespace {

FailureHook warning(observers::Log& log, std::string_view adapter) {
  return [&log, adapter](std::string_view cause) {
    log.write(observers::LogLevel::warning, adapter, {{"cause", cause}});
  };
}

}  // namespace

std::unique_ptr<RepositoryBackend> make_repository(const Config& config, observers::Log& log) {
  return config.postgres.empty() ? make_sqlite(config, warning(log, "sqlite"))
                                 : make_postgres(config, warning(log, "postgres"));
}

std::unique_ptr<CacheBackend> make_cache(const Config& config, observers::Log& log) {
  return config.redis.empty() ? make_memory_cache(config) : make_redis(config, warning(log, "redis"));
}

std::unique_ptr<PublisherBackend> make_publisher(const Config& config, observers::Log& log) {
  return config.kafka.empty() ? make_event_log(config, warning(log, "event_log"), log)
                              : make_kafka(config, warning(log, "kafka"));
}

}  // namespace event_draft::server
