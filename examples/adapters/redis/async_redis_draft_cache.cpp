#include "async_redis_draft_cache.hpp"

#include <utility>

#include "call.hpp"
#include "multiplexer.hpp"

namespace event_draft::redis {

using adapters::Future;
using adapters::Promise;

AsyncRedisDraftCache::AsyncRedisDraftCache(adapters::Loop& loop, Config config)
    : loop_{loop}, multiplexer_{std::make_shared<Multiplexer>(loop.context(), std::move(config))} {
  multiplexer_->start();
}

AsyncRedisDraftCache::~AsyncRedisDraftCache() { multiplexer_->stop(); }

Future<std::optional<std::string>> AsyncRedisDraftCache::get(std::string_view key, Deadline deadline) {
  return call<GetCall, std::optional<std::string>>(
      deadline, [&](Commands& commands) { commands.get(multiplexer_->config().key_prefix, key); });
}

Future<void> AsyncRedisDraftCache::set(std::span<const CacheWrite> writes, Deadline deadline) {
  if (writes.empty() && !deadline.expired()) return Future<void>{success()};
  return call<SetCall, void>(deadline, [&](Commands& commands) {
    for (const auto& write : writes) commands.set(multiplexer_->config().key_prefix, write);
  });
}

Future<void> AsyncRedisDraftCache::ping(Deadline deadline) {
  return call<PingCall, void>(deadline, [](Commands& commands) { commands.ping(); });
}

bool AsyncRedisDraftCache::is_connected() const noexcept { return multiplexer_->is_open(); }
std::size_t AsyncRedisDraftCache::writes() const noexcept { return multiplexer_->writes(); }

template <class SomeCall, class T, class Ask>
Future<T> AsyncRedisDraftCache::call(Deadline deadline, Ask ask) {
  if (deadline.expired()) return Future<T>{Errc::deadline_exceeded};
  if (!multiplexer_->takes_calls()) return Future<T>{Errc::cache_unavailable};
  Commands commands;
  ask(commands);
  Promise<T> promise{loop_, deadline};
  auto future = promise.future();
  multiplexer_->call(std::make_unique<SomeCall>(std::move(commands), std::move(promise)));
  return future;
}

}  // namespace event_draft::redis
