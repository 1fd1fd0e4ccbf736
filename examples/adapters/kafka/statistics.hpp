#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace event_draft::kafka {

/// What librdkafka tells of one client, every so often.
struct ClientStatistics {
  std::size_t brokers_up = 0;
  std::chrono::microseconds round_trip{};  ///< 99 of 100 requests were answered faster, by the slowest broker
  std::uint64_t retries = 0;               ///< of requests, since the client was made
  std::uint64_t timed_out = 0;             ///< requests, since the client was made

  friend bool operator==(const ClientStatistics&, const ClientStatistics&) = default;
};

/// Reads librdkafka's JSON; what it can't read counts as 0.
[[nodiscard]] ClientStatistics parse_statistics(std::string_view json);

/// The publisher's numbers. All but the last two only grow.
struct Statistics {
  std::uint64_t acknowledged = 0;
  std::uint64_t rejected = 0;     ///< `event_rejected`
  std::uint64_t undelivered = 0;  ///< surely not with the broker
  std::uint64_t unknown = 0;      ///< nobody knows; late reports are counted by what they say
  std::uint64_t rebuilds = 0;     ///< of the client, each after a fatal error
  std::size_t waiting = 0;        ///< events whose report is to come
  ClientStatistics client;
};

}  // namespace event_draft::kafka
