#include "timed_stream.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "asio_operation.hpp"

namespace event_draft::server {

namespace asio = boost::asio;
using boost::system::error_code;

TimedStream::TimedStream(asio::ip::tcp::socket socket) : socket_{std::move(socket)}, timer_{socket_.get_executor()} {
  error_code ignored;
  socket_.non_blocking(true, ignored);  // else a write would wait for the client, not for the loop
}

void TimedStream::expires_after(std::chrono::milliseconds time) {
  deadline_ = Clock::now() + time;
  expired_ = false;
  // A timer that runs out too early looks again by itself, so most requests move the deadline without touching it.
  if (deadline_ < watched_) watch();
}

void TimedStream::watch() {
  watched_ = Clock::time_point::max();
  timer_.expires_at(deadline_);
  timer_.async_wait([weak = weak_from_this()](error_code error) {
    if (const auto self = weak.lock(); self && !error) self->on_timer();
  });
  watched_ = deadline_;
}

void TimedStream::on_timer() {
  watched_ = Clock::time_point::max();
  if (Clock::now() < deadline_) return watch();
  expired_ = true;
  interrupt();
}

std::size_t TimedStream::write_now(std::string_view text) noexcept {
  error_code error;  // it will be there again
  return expired_ ? 0 : socket_.write_some(asio::buffer(text.data(), text.size()), error);
}

Task<bool> TimedStream::write(std::string_view text) {
  while (!text.empty()) {
    if (expired_) co_return false;
    const auto [error, size] = co_await asio_operation<error_code, std::size_t>(
        [&](auto handler) { socket_.async_write_some(asio::buffer(text.data(), text.size()), handler); });
    if (error) co_return false;
    text.remove_prefix(size);
  }
  co_return true;
}

Task<void> TimedStream::linger(std::chrono::milliseconds time, std::size_t bytes) {
  error_code ignored;
  socket_.shutdown(asio::socket_base::shutdown_send, ignored);
  expires_after(time);
  std::array<char, 4096> rubbish;
  while (bytes != 0) {
    const auto size = co_await read_some(asio::buffer(rubbish));
    if (size == 0) break;
    bytes -= std::min(bytes, size);
  }
}

std::size_t TimedStream::pending() const noexcept {
  error_code failed;
  const auto size = socket_.available(failed);
  return failed ? 0 : size;
}

void TimedStream::interrupt() noexcept {
  error_code ignored;
  socket_.cancel(ignored);
}

void TimedStream::close() noexcept {
  error_code ignored;
  timer_.cancel(ignored);
  socket_.close(ignored);
}

}  // namespace event_draft::server
