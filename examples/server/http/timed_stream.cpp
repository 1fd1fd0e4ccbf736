#include "timed_stream.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace event_draft::server {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

}  // namespace

TimedStream::TimedStream(asio::ip::tcp::socket socket) : socket_{std::move(socket)}, timer_{socket_.get_executor()} {}

void TimedStream::expires_after(std::chrono::milliseconds time) {
  deadline_ = Clock::now() + time;
  expired_ = false;
  // A timer that runs out too early looks again by itself, so most requests move the deadline without touching it.
  if (deadline_ < watched_) watch();
}

void TimedStream::watch() {
  watched_ = deadline_;
  timer_.expires_at(deadline_);
  timer_.async_wait([weak = weak_from_this()](error_code error) {
    if (const auto self = weak.lock(); self && !error) self->on_timer();
  });
}

void TimedStream::on_timer() {
  watched_ = Clock::time_point::max();
  if (Clock::now() < deadline_) return watch();
  expired_ = true;
  interrupt();
}

asio::awaitable<std::size_t> TimedStream::read_some(asio::mutable_buffer into) {
  // The timer may have run out between two operations, where there was none to interrupt.
  if (expired_) co_return 0;
  const auto [error, size] = co_await socket_.async_read_some(into, as_result);
  co_return error ? 0 : size;
}

asio::awaitable<bool> TimedStream::write(std::string_view text) {
  while (!text.empty()) {
    if (expired_) co_return false;
    const auto [error, size] = co_await socket_.async_write_some(asio::buffer(text.data(), text.size()), as_result);
    if (error) co_return false;
    text.remove_prefix(size);
  }
  co_return true;
}

asio::awaitable<void> TimedStream::linger(std::chrono::milliseconds time, std::size_t bytes) {
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
