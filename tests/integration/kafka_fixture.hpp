#pragma once

#include <doctest/doctest.h>

#include <adapters/kafka/kafka_publisher.hpp>
#include <algorithm>
#include <array>
#include <atomic>
#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <event_draft/testing/contracts/publisher.hpp>
#include <event_draft/testing/printing.hpp>
#include <fstream>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "real_server.hpp"

namespace event_draft::kafka {

using namespace std::chrono_literals;
using testing::sample_draft;
using testing::contracts::publisher_laws::message_of;
using testing::contracts::publisher_laws::traced;
using Clock = std::chrono::steady_clock;

/// What kcat prints for the records of one key, a JSON object each.
inline std::vector<boost::json::object> kcat(const std::string& brokers, std::string_view key) {
  const std::string command = "kcat -C -q -e -J -o beginning -t event-topic -b " + brokers;
  std::string output;
  FILE* const pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::array<char, 4096> block;
  while (const auto count = std::fread(block.data(), 1, block.size(), pipe)) output.append(block.data(), count);
  REQUIRE(::pclose(pipe) == 0);
  std::vector<boost::json::object> records;
  for (std::size_t begin = 0; begin < output.size();) {
    const auto end = output.find('\n', begin);
    auto record = boost::json::parse(output.substr(begin, end - begin)).as_object();
    if (record.at("key").as_string() == key) records.push_back(std::move(record));
    begin = end + 1;
  }
  return records;
}

struct Fixture {
  testing::RealServer server{"kafka"};
  std::string url = server.url();
  KafkaPublisher publisher{Config{.brokers = url}};

  static std::uint64_t next_number() {
    static std::uint64_t number = 1000;
    return ++number;
  }
  Result<void> publish(const EventMessage& message, std::chrono::milliseconds within = 10s) {
    return publisher.publish(message, Deadline::after(within));
  }
  /// Each of its threads stops when it gets to it.
  void pause() {
    server.pause();
    std::this_thread::sleep_for(100ms);
  }
  /// How long it takes until an attempt succeeds.
  static std::chrono::milliseconds time_until(const auto& attempt) {
    const auto began = Clock::now();
    while (!attempt()) {
      REQUIRE(Clock::now() - began < 30s);
      std::this_thread::sleep_for(10ms);
    }
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began);
  }
  /// How long it takes until a publish succeeds.
  static std::chrono::milliseconds recovery(KafkaPublisher& of, const EventMessage& message) {
    return time_until([&] { return of.publish(message, Deadline::after(500ms)); });
  }
  /// Returns when an event is there: with a new client and a broker that has just started the first one takes a while.
  void await_publish() { recovery(publisher, message_of(sample_draft(1))); }
  /// Returns when a client that is made now can publish.
  void await_server() const {
    for (const auto until = Deadline::after(60s); !until.expired(); std::this_thread::sleep_for(20ms)) {
      Config config{.brokers = url};
      config.warm_up = 300ms;
      KafkaPublisher fresh{config};
      if (fresh.publish(message_of(sample_draft(1)), Deadline::after(300ms))) return;
    }
    FAIL("the broker does not come back");
  }
};

}  // namespace event_draft::kafka
