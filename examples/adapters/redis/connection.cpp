#include "connection.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <limits>
#include <system_error>
#include <utility>

namespace event_draft::redis {

namespace {

/// Rounded up, so that a wait never turns into a loop of empty ones.
int milliseconds(Deadline deadline) noexcept {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline.remaining()).count();
  return static_cast<int>(std::min<decltype(left)>(left, std::numeric_limits<int>::max()));
}

redisContext* begin_to_connect(const Config& config) {
  return config.unix_socket.empty() ? redisConnectNonBlock(config.host.c_str(), config.port)
                                    : redisConnectUnixNonBlock(config.unix_socket.c_str());
}

}  // namespace

Result<Connection> Connection::open(const Config& config, Report report, Deadline deadline) {
  if (deadline.expired()) return Errc::deadline_exceeded;
  Connection connection{begin_to_connect(config), std::move(report)};
  Commands greeting;
  greeting.greet(config);
  BOOST_OUTCOME_TRY(connection.await_connected(deadline));
  BOOST_OUTCOME_TRY(
      connection.exchange(greeting, deadline, [](const redisReply& reply) { return is_status(reply, "OK"); }));
  return connection;
}

Result<void> Connection::await_connected(Deadline deadline) {
  if (context_ == nullptr) return failure("out of memory");
  if (context_->err != 0) return failure(context_->errstr);
  BOOST_OUTCOME_TRY(await(POLLOUT, deadline));
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(context_->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) return failure(std::generic_category().message(error));
  return success();
}

Result<void> Connection::send(const Commands& commands, Deadline deadline) {
  const auto& bytes = commands.bytes();
  if (redisAppendFormattedCommand(context_.get(), bytes.data(), bytes.size()) != REDIS_OK)
    return failure(context_->errstr);
  for (int done = 0;;) {
    if (redisBufferWrite(context_.get(), &done) != REDIS_OK) return failure(context_->errstr);
    if (done != 0) return success();
    BOOST_OUTCOME_TRY(await(POLLOUT, deadline));
  }
}

Result<Reply> Connection::receive(Deadline deadline) {
  for (;;) {
    void* reply = nullptr;
    if (redisGetReplyFromReader(context_.get(), &reply) != REDIS_OK) return failure(context_->errstr);
    if (reply != nullptr) return Reply{static_cast<redisReply*>(reply)};
    BOOST_OUTCOME_TRY(await(POLLIN, deadline));
    if (redisBufferRead(context_.get()) != REDIS_OK) return failure(context_->errstr);
  }
}

Result<void> Connection::await(short events, Deadline deadline) {
  pollfd descriptor{context_->fd, events, 0};
  for (;;) {
    if (deadline.expired()) return failure("no answer in time", Errc::deadline_exceeded);  // however much is ready
    const int ready = ::poll(&descriptor, 1, milliseconds(deadline));
    if (ready > 0) return success();
    if (ready < 0 && errno != EINTR) return failure(std::generic_category().message(errno));
  }
}

bool Connection::is_idle() noexcept {
  const auto& reader = *context_->reader;
  pollfd descriptor{context_->fd, POLLIN, 0};
  return is_whole_ && reader.pos == reader.len && ::poll(&descriptor, 1, 0) == 0;
}

Error Connection::failure(std::string_view why, Errc code) const {
  report_(why);
  return {code, {}, Certainty::unknown};
}

}  // namespace event_draft::redis
