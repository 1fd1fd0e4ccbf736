#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <adapters/async/loop.hpp>
#include <adapters/async/promise.hpp>
#include <event_draft/async_ports.hpp>

#include "commands.hpp"
#include "config.hpp"

namespace event_draft::redis {

class Multiplexer;

/// An AsyncDraftCache on a Redis server, for one loop and on its thread: one connection, which all its calls share and which is made
/// again when it is lost. `Config::max_connections` is of no concern to it; `on_failure` is called on the loop's thread.
class AsyncRedisDraftCache {
 public:
  /// Connects in the background.
  AsyncRedisDraftCache(adapters::Loop& loop, Config config);
  AsyncRedisDraftCache(const AsyncRedisDraftCache&) = delete;
  AsyncRedisDraftCache& operator=(const AsyncRedisDraftCache&) = delete;
  /// Calls under way fail. Also when the loop's context runs no more.
  ~AsyncRedisDraftCache();

  [[nodiscard]] adapters::Future<std::optional<std::string>> get(std::string_view key, Deadline deadline);
  /// What is written is copied before it returns.
  [[nodiscard]] adapters::Future<void> set(std::span<const CacheWrite> writes, Deadline deadline);

  /// Whether the server answers, and takes commands from this user.
  [[nodiscard]] adapters::Future<void> ping(Deadline deadline);

  /// For metrics, from any thread: whether calls can be sent now, and how often bytes have been, the greeting of each connection included.
  [[nodiscard]] bool is_connected() const noexcept;
  [[nodiscard]] std::size_t writes() const noexcept;

 private:
  template <class SomeCall, class T, class Ask>
  adapters::Future<T> call(Deadline deadline, Ask ask);

  adapters::Loop& loop_;
  std::shared_ptr<Multiplexer> multiplexer_;
};

static_assert(AsyncDraftCache<AsyncRedisDraftCache>);

}  // namespace event_draft::redis
