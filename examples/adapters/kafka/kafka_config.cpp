#include "kafka_config.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace event_draft::kafka {
namespace {

// Without these a success would not mean what it says, or a failure would be a wrong guess.
constexpr std::array<std::string_view, 12> own{
    "acks",
    "request.required.acks",
    "bootstrap.servers",
    "metadata.broker.list",
    "delivery.report.only.error",
    "enable.gapless.guarantee",
    "enable.idempotence",
    "log.queue",
    "message.timeout.ms",
    "delivery.timeout.ms",
    "statistics.interval.ms",
    "transactional.id",
};

std::string text(std::chrono::milliseconds span) { return std::to_string(span.count()); }

}  // namespace

void set_property(rd_kafka_conf_t* conf, const Property& property) {
  const auto& [name, value] = property;
  char reason[512];  // quotes the value, so nobody is shown it
  switch (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), reason, sizeof reason)) {
    case RD_KAFKA_CONF_OK: return;
    case RD_KAFKA_CONF_UNKNOWN: throw ConfigError{fmt::format("librdkafka has no property {}", name)};
    case RD_KAFKA_CONF_INVALID: break;
  }
  throw ConfigError{fmt::format("the Kafka property {} can't have the value that it was given", name)};
}

std::vector<Property> properties_of(const Config& config) {
  if (config.brokers.empty()) throw ConfigError{"no Kafka broker is named"};
  if (config.message_timeout < std::chrono::milliseconds{10}) {
    throw ConfigError{"the Kafka message time-out is less than 10 ms"};
  }
  const auto timeout = text(config.message_timeout);
  std::vector<Property> properties{
      {"bootstrap.servers", config.brokers},
      {"client.id", "event-draft"},
      {"enable.idempotence", "true"},
      {"acks", "all"},
      {"allow.auto.create.topics", "false"},  // with a broker's defaults for partitions and replicas
      {"partitioner", "murmur2_random"},      // where other clients put the same key
      {"linger.ms", "0"},                     // a request waits for it
      {"batch.size", "65536"},                // far below a topic's usual limit, which holds for batches
      {"queue.buffering.max.messages", "20000"},
      {"message.timeout.ms", timeout},
      {"request.timeout.ms", timeout},
      {"socket.timeout.ms", timeout},
      {"socket.connection.setup.timeout.ms", text(std::max(config.message_timeout, std::chrono::milliseconds{1'000}))},
      {"socket.keepalive.enable", "true"},
      // A broker that is back is found soon.
      {"retry.backoff.ms", "50"},
      {"reconnect.backoff.ms", "50"},
      {"reconnect.backoff.max.ms", "500"},
      {"topic.metadata.refresh.fast.interval.ms", "100"},
      {"topic.metadata.propagation.max.ms", "1000"},
      {"log.connection.close", "false"},
      {"log.queue", "true"},
      {"statistics.interval.ms", text(config.statistics)},
  };
  for (const auto& [name, value] : config.properties) {
    if (std::ranges::find(own, name) != own.end()) {
      throw ConfigError{fmt::format("the Kafka property {} is the adapter's own", name)};
    }
    properties.emplace_back(name, value);
  }
  return properties;
}

Conf make_conf(const Config& config, const Callbacks& callbacks) {
  Conf conf{rd_kafka_conf_new()};
  for (const Property& property : properties_of(config)) set_property(conf.get(), property);
  rd_kafka_conf_set_opaque(conf.get(), callbacks.opaque);
  rd_kafka_conf_set_dr_msg_cb(conf.get(), callbacks.delivered);
  rd_kafka_conf_set_error_cb(conf.get(), callbacks.failed);
  rd_kafka_conf_set_stats_cb(conf.get(), callbacks.counted);
  rd_kafka_conf_set_log_cb(conf.get(), callbacks.logged);
  return conf;
}

}  // namespace event_draft::kafka
