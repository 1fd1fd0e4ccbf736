#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace event_draft::redis {

struct Config {
  std::string host =
      "127.0.0.1";  ///< a name is looked up for each connection, in the resolver's own time: prefer an address
  std::uint16_t port = 6379;
  std::string unix_socket{};  ///< a path; in place of host and port
  std::string user{};         ///< of an ACL (Redis 6); empty: the default user
  std::string password{};
  int database = 0;
  std::string key_prefix{};          ///< before every key, so that services can share a server
  std::size_t max_connections = 16;  ///< a call that finds them all in use waits for one, within its deadline
  bool gather = true;  ///< whether awaited calls that wait are written together; off only to measure what it is worth
  /// Hears the cause of every failure, one line of text without credentials; called one at a time, must not throw.
  std::function<void(std::string_view)> on_failure = [](std::string_view) {};
};

/// What is wrong with a URL; never says its credentials.
struct ConfigError : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

/// `redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]` or `unix://[[USER]:PASSWORD@]/PATH`, each with `?db=N` and `&prefix=TEXT`
/// if wanted; user, password and prefix percent-encoded. Throws `ConfigError`, also for `rediss://`: this client has no TLS.
[[nodiscard]] Config parse_url(std::string_view url);

/// The server and the database, without credentials, as logs may have it: `redis://127.0.0.1:6379/0`.
[[nodiscard]] std::string describe(const Config& config);

}  // namespace event_draft::redis
