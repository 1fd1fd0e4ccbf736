#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace event_draft::kafka {

/// A setting that can't be, in one line that names it and never its value, which may be a secret.
class ConfigError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

using Property = std::pair<std::string, std::string>;  ///< of librdkafka: its name and value

struct Config {
  std::string brokers;  ///< `host:port`, several with commas between; the others are learnt from these

  /// How long librdkafka tries to deliver an event, whatever its caller's deadline. Short, for the outbox tries again.
  std::chrono::milliseconds message_timeout{2'000};
  std::chrono::milliseconds warm_up{1'000};      ///< the constructor waits that long for a broker, at most
  std::chrono::milliseconds flush{2'000};        ///< the destructor waits that long for reports, at most
  std::chrono::milliseconds statistics{10'000};  ///< how often librdkafka counts; 0 for never

  /// Anything else that librdkafka can be told, say `security.protocol` or `sasl.password`. They win over what the adapter
  /// sets, but for what its promises rest on: that is refused.
  std::vector<Property> properties{};

  /// Hears of what goes wrong, one line of text; on the producer's own thread, and must not throw.
  std::function<void(std::string_view)> on_failure = [](std::string_view) {};
};

/// The callbacks of a client, all of them on the thread that polls it.
struct Callbacks {
  void (*delivered)(rd_kafka_t*, const rd_kafka_message_t*, void*);
  void (*failed)(rd_kafka_t*, int error, const char* reason, void*);
  int (*counted)(rd_kafka_t*, char* json, std::size_t length, void*);
  void (*logged)(const rd_kafka_t*, int level, const char* facility, const char* text);
  void* opaque;  ///< handed to each of them
};

struct ConfDeleter {
  void operator()(rd_kafka_conf_t* conf) const noexcept { rd_kafka_conf_destroy(conf); }
};
using Conf = std::unique_ptr<rd_kafka_conf_t, ConfDeleter>;

/// What librdkafka is told, in order. Throws `ConfigError` for a property that is the adapter's own.
[[nodiscard]] std::vector<Property> properties_of(const Config& config);

/// Throws `ConfigError`.
void set_property(rd_kafka_conf_t* conf, const Property& property);

/// Throws `ConfigError`.
[[nodiscard]] Conf make_conf(const Config& config, const Callbacks& callbacks);

}  // namespace event_draft::kafka
