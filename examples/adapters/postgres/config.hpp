#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace event_draft::postgres {

struct Config {
  std::string url;              ///< `postgresql://user@host:port/database?…`, or any other connection string of libpq
  std::size_t connections = 8;  ///< most at a time, of this process; one at least
  /// Saves the server the planning. Not through PgBouncer in transaction mode before its 1.21.
  bool prepared_statements = false;
  bool gather = true;  ///< whether awaited calls that wait go together; off only to measure what it is worth
  std::chrono::milliseconds open_patience{10'000};  ///< for the server and the schema, when the repository is made
  /// Hears the cause of every failure, one line of text without credentials; must not throw. Each repository calls it one at a
  /// time, but several that were made of this configuration do not wait for each other.
  std::function<void(std::string_view)> on_failure = [](std::string_view) {};
};

}  // namespace event_draft::postgres
