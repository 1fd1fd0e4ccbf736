#include "statistics.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace event_draft::kafka {
namespace {

std::int64_t number(const boost::json::object& from, std::string_view name) {
  const auto* const value = from.if_contains(name);
  const auto* const found = value != nullptr ? value->if_int64() : nullptr;
  return found != nullptr ? std::max<std::int64_t>(*found, 0) : 0;
}

const boost::json::object* object(const boost::json::object& from, std::string_view name) {
  const auto* const value = from.if_contains(name);
  return value != nullptr ? value->if_object() : nullptr;
}

void add(const boost::json::object& broker, ClientStatistics& all) {
  if (const auto* const state = broker.if_contains("state"); state != nullptr && *state == "UP") {
    const bool is_real = number(broker, "nodeid") > 0 || broker.at("nodeid") == 0;  // the bootstrap address is -1
    all.brokers_up += is_real ? 1 : 0;
  }
  all.retries += static_cast<std::uint64_t>(number(broker, "txretries"));
  all.timed_out += static_cast<std::uint64_t>(number(broker, "req_timeouts"));
  if (const auto* const times = object(broker, "rtt")) {
    all.round_trip = std::max(all.round_trip, std::chrono::microseconds{number(*times, "p99")});
  }
}

}  // namespace

ClientStatistics parse_statistics(std::string_view json) {
  ClientStatistics all;
  boost::system::error_code failed;
  const boost::json::value parsed = boost::json::parse(json, failed);
  const auto* const root = parsed.if_object();
  const auto* const brokers = root != nullptr ? object(*root, "brokers") : nullptr;
  if (failed || brokers == nullptr) return all;
  for (const auto& [name, broker] : *brokers) {
    if (const auto* const each = broker.if_object()) add(*each, all);
  }
  return all;
}

}  // namespace event_draft::kafka
