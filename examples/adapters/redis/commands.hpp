#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

#include <event_draft/ports.hpp>

#include "config.hpp"

// What goes over the wire to Redis, apart from what carries it.
namespace event_draft::redis {

/// Commands in the protocol's own form, to be sent together; each is answered by one reply, in this order.
class Commands {
 public:
  /// AUTH and SELECT, as far as they are wanted: what every connection begins with.
  void greet(const Config& config);
  void ping() { add({"PING"}); }
  void get(std::string_view prefix, std::string_view key);
  /// SET with its EX, so no value is ever there without its end.
  void set(std::string_view prefix, const CacheWrite& write);

  [[nodiscard]] const std::string& bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::size_t count() const noexcept { return count_; }

 private:
  void add(std::initializer_list<std::string_view> words);

  std::string bytes_;
  std::size_t count_ = 0;
};

}  // namespace event_draft::redis
