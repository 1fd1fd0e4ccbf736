// The publisher against a broker that wants TLS and a password, with librdkafka's properties and nothing else.
#include <doctest/doctest.h>

#include <adapters/kafka/kafka_publisher.hpp>
#include <algorithm>
#include <chrono>
#include <event_draft/testing/contracts/publisher.hpp>
#include <event_draft/testing/printing.hpp>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "kafka_reader.hpp"
#include "kafka_real_only.hpp"
#include "real_server.hpp"

namespace event_draft::kafka {
namespace {

using namespace std::chrono_literals;
using testing::RealServer;
using testing::sample_draft;
using testing::contracts::publisher_laws::message_of;
using Clock = std::chrono::steady_clock;

std::string of_the_broker(const char* what) {
  return RealServer::environment(std::string{"EVENT_DRAFT_KAFKA_TLS"} + what);
}

constexpr std::string_view wrong_password = "f4lse-p4ssword";

/// What `--kafka-property` is given.
std::vector<Property> properties() {
  return {{"security.protocol", "sasl_ssl"},
          {"ssl.ca.location", of_the_broker("_CA")},
          {"sasl.mechanism", "PLAIN"},
          {"sasl.username", of_the_broker("_USER")},
          {"sasl.password", of_the_broker("_PASSWORD")}};
}

std::vector<Property> with(std::string_view name, std::string_view value) {
  auto changed = properties();
  std::ranges::find(changed, name, &Property::first)->second = value;
  return changed;
}

std::vector<Property> without(std::string_view name) {
  auto fewer = properties();
  std::erase_if(fewer, [&](const Property& each) { return each.first == name; });
  return fewer;
}

/// What the log would have.
class Failures {
 public:
  void operator()(std::string_view line) {
    const std::lock_guard lock{mutex_};
    lines_.append(line).append("\n");
  }
  std::string lines() {
    const std::lock_guard lock{mutex_};
    return lines_;
  }

 private:
  std::mutex mutex_;
  std::string lines_;
};

Config config(std::vector<Property> properties, Failures& failures) {
  return {.brokers = of_the_broker(""),
          .message_timeout = 1s,
          .warm_up = 100ms,
          .flush = 100ms,
          .properties = std::move(properties),
          .on_failure = [&](std::string_view line) { failures(line); }};
}

TEST_CASE("with TLS and a password an event is published, by properties alone") {
  testing::KafkaReader reader{RealServer{"kafka"}.url()};
  Failures failures;
  const auto message = message_of(sample_draft());
  {
    auto settings = config(properties(), failures);
    settings.message_timeout = 20s;
    KafkaPublisher publisher{settings};
    CHECK(publisher.publish(message, Deadline::after(20s)));
    CHECK(publisher.ready(Deadline::after(5s)));
  }
  CHECK(failures.lines().find(of_the_broker("_PASSWORD")) == std::string::npos);
  const auto events = reader.read();
  REQUIRE(events.size() == 1);
  CHECK(events[0].id == message.id());
}

TEST_CASE("a wrong password and an unknown CA are outages whose log says which, and no password") {
  struct Case {
    const char* name;
    std::vector<Property> properties;
    std::string_view told;
  };
  for (const auto& each : {Case{"wrong password", with("sasl.password", wrong_password),
                                "Authentication failed: Invalid username or password"},
                           Case{"unknown CA", without("ssl.ca.location"), "certificate verify failed"}}) {
    CAPTURE(std::string{each.name});
    Failures failures;
    {
      KafkaPublisher publisher{config(each.properties, failures)};
      const auto began = Clock::now();
      CHECK(publisher.publish(message_of(sample_draft()), Deadline::after(3s)) ==
            Result<void>{Error{Errc::publisher_unavailable, {}, Certainty::not_applied}});
      CHECK(Clock::now() - began < 3s);
      CHECK(!publisher.ready(Deadline::after(100ms)));
    }
    CHECK(failures.lines().find(each.told) != std::string::npos);
    for (const auto& secret : {of_the_broker("_PASSWORD"), std::string{wrong_password}}) {
      CHECK(failures.lines().find(secret) == std::string::npos);
    }
  }
}

}  // namespace
}  // namespace event_draft::kafka
