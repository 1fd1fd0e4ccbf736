#include <stdexcept>

#include "server_backends.hpp"

#ifdef EVENT_DRAFT_WITH_KAFKA

#include <event_draft/decorators/circuit.hpp>

#include "adapters/async/guarded_future.hpp"
#include "adapters/kafka/async_kafka_publisher.hpp"
#include "adapters/kafka/kafka_publisher.hpp"
#include "backend_metrics.hpp"

namespace event_draft::server {
namespace {

class LoopKafka final : public LoopPublisher {
 public:
  LoopKafka(adapters::Loop& loop, kafka::KafkaPublisher& publisher, Circuit<>& circuit)
      : adapter_{loop, publisher}, circuit_{circuit} {}

  adapters::GuardedFuture<void> publish(const EventMessage& message, Deadline deadline) override {
    auto pass = circuit_.pass(deadline);
    if (pass) return {adapter_.publish(message, deadline), std::move(pass)};
    return adapters::GuardedFuture<void>{Errc::publisher_unavailable};
  }

 private:
  kafka::AsyncKafkaPublisher adapter_;
  Circuit<>& circuit_;
};

/// Requests publish behind a circuit: brokers that hang do not cost every one of them its wait. The relay, which waits on
/// nobody's behalf, goes past it.
class Kafka final : public PublisherBackend {
 public:
  explicit Kafka(kafka::Config config) : adapter_{std::move(config)} {}

  Result<void> publish(const EventMessage& message, Deadline deadline) override {
    auto pass = circuit_.pass(deadline);
    if (!pass) return Errc::publisher_unavailable;
    auto published = adapter_.publish(message, deadline);
    pass.ended(published);
    return published;
  }
  void publish_all(std::span<const EventMessage> messages, std::span<Result<void>> results,
                   Deadline deadline) override {
    adapter_.publish_all(messages, results, deadline);
  }
  [[nodiscard]] std::string_view name() const noexcept override { return "kafka"; }
  [[nodiscard]] Result<void> ready(Deadline deadline) override { return adapter_.ready(deadline); }
  [[nodiscard]] std::unique_ptr<LoopPublisher> on(adapters::Loop& loop) override {
    return std::make_unique<LoopKafka>(loop, adapter_, circuit_);
  }
  void write_metrics(std::string& out) const override;

 private:
  kafka::KafkaPublisher adapter_;
  Circuit<> circuit_{{.failures = 5}};
};

void Kafka::write_metrics(std::string& out) const {
  const auto counted = adapter_.statistics();
  out +=
      "# HELP event_draft_kafka_events_total Events by what became of them.\n"
      "# TYPE event_draft_kafka_events_total counter\n";
  const auto by_outcome = [&](std::string_view outcome, std::uint64_t count) {
    fmt::format_to(std::back_inserter(out), "event_draft_kafka_events_total{{outcome=\"{}\"}} {}\n", outcome, count);
  };
  by_outcome("acknowledged", counted.acknowledged);
  by_outcome("rejected", counted.rejected);
  by_outcome("undelivered", counted.undelivered);
  by_outcome("unknown", counted.unknown);
  write_sample(out, "gauge", "event_draft_kafka_waiting", "Events whose report is to come.", counted.waiting);
  write_sample(out, "counter", "event_draft_kafka_rebuilds_total", "Clients made anew after a fatal error.",
               counted.rebuilds);
  write_sample(out, "gauge", "event_draft_kafka_brokers_up", "Brokers that are connected.", counted.client.brokers_up);
  write_sample(out, "gauge", "event_draft_kafka_round_trip_seconds", "99th percentile, of the slowest broker.",
               std::chrono::duration<double>{counted.client.round_trip}.count());
  write_sample(out, "gauge", "event_draft_kafka_circuit_open", "1 while requests leave Kafka alone because it failed.",
               circuit_.is_open() ? 1 : 0);
}

}  // namespace

std::unique_ptr<PublisherBackend> make_kafka(const Config& config, FailureHook on_failure) {
  kafka::Config settings{.brokers = config.kafka, .on_failure = std::move(on_failure)};
  for (const auto& property : config.kafka_properties) {
    const auto equals = property.find('=');
    settings.properties.emplace_back(property.substr(0, equals), property.substr(equals + 1));
  }
  return std::make_unique<Kafka>(std::move(settings));
}

}  // namespace event_draft::server

#else

namespace event_draft::server {

std::unique_ptr<PublisherBackend> make_kafka(const Config&, FailureHook) {
  throw std::runtime_error{"this build has no Kafka adapter: librdkafka-dev was missing"};
}

}  // namespace event_draft::server

#endif
