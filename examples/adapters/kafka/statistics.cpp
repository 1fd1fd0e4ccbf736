#include "statistics.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace event_draft::kafka {
namespace {

std::int64_t number(const boost::json::object& from, std::string_view name, std::int64_t missing = 0) {
  const auto* const value = from.if_contains(name);
  const auto* const found = value != nullptr ? value->if_int64() : nullptr;
  return found != nullptr ? *found : missing;
}

std::uint64_t count(const boost::json::object& from, std::string_view name) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(number(from, name), 0));
}

const boost::json::object* object(const boost::json::object& from, std::string_view name) {
  const auto* const value = from.if_contains(name);
  return value != nullptr ? value->if_object() : nullptr;
}

void add(const boost::json::object& broker, ClientStatistics& all) {
  const auto* const state = broker.if_contains("state");
  const bool is_real = number(broker, "nodeid", -1) >= 0;  // and not merely an address to begin with
  if (is_real && state != nullptr && *state == "UP") ++all.brokers_up;
  all.retries += count(broker, "txretries");
  all.timed_out += count(broker, "req_timeouts");
  if (const auto* const times = object(broker, "rtt")) {
    all.round_trip = std::max(all.round_trip, std::chrono::microseconds{number(*times, "p99")});
  }
}

}  // namespace

ClientStatistics parse_statistics(std::string_view json) {
  ClientStatistics all;
  boost::json::error_code failed;
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
