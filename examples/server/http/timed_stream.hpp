#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <coroutine>
#include <cstddef>
#include <event_draft/task.hpp>
#include <memory>
#include <string_view>

namespace event_draft::server {

/// A socket whose reads and writes end at a common deadline. Past it the connection is still open, so that the client
/// can be told why (Beast's own stream closes it). All members are called on the thread of the socket's loop.
class TimedStream : public std::enable_shared_from_this<TimedStream> {
 public:
  class [[nodiscard]] Read;

  explicit TimedStream(boost::asio::ip::tcp::socket socket);

  /// For all reads and writes from here on, together.
  void expires_after(std::chrono::milliseconds time);
  [[nodiscard]] bool expired() const noexcept { return expired_; }

  /// \return awaited, 0 when the client has closed or is gone, when the deadline has passed, or after `interrupt`
  [[nodiscard]] Read read_some(boost::asio::mutable_buffer into) noexcept;
  /// As much as the socket takes at once, which is nearly always all. \return how much that was
  [[nodiscard]] std::size_t write_now(std::string_view text) noexcept;
  /// \return false if not all of it was written
  [[nodiscard]] Task<bool> write(std::string_view text);
  /// Says that no more will be written, then throws away what the client still sends, up to the bounds.
  [[nodiscard]] Task<void> linger(std::chrono::milliseconds time, std::size_t bytes);

  /// How many bytes could be read at once.
  [[nodiscard]] std::size_t pending() const noexcept;
  /// Ends the read that is under way; the connection stays open.
  void interrupt() noexcept;
  void close() noexcept;

  [[nodiscard]] boost::asio::any_io_executor executor() { return socket_.get_executor(); }

 private:
  using Clock = std::chrono::steady_clock;

  void watch();
  void on_timer();

  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer timer_;
  Clock::time_point deadline_ = Clock::time_point::max();
  Clock::time_point watched_ = Clock::time_point::max();  // the time that the timer runs to, max: it doesn't
  bool expired_ = false;
};

/// Awaited in the stream's own coroutine, without one of its own: there is one for each request.
class TimedStream::Read {
 public:
  Read(TimedStream& stream, boost::asio::mutable_buffer into) noexcept : stream_{stream}, into_{into} {}

  // The timer may have run out between two operations, where there was none to interrupt.
  [[nodiscard]] bool await_ready() const noexcept { return stream_.expired_; }
  void await_suspend(std::coroutine_handle<> waiting) {
    stream_.socket_.async_read_some(into_, [this, waiting](boost::system::error_code error, std::size_t size) {
      size_ = error ? 0 : size;
      waiting.resume();
    });
  }
  [[nodiscard]] std::size_t await_resume() const noexcept { return size_; }

 private:
  TimedStream& stream_;
  boost::asio::mutable_buffer into_;
  std::size_t size_ = 0;
};

inline TimedStream::Read TimedStream::read_some(boost::asio::mutable_buffer into) noexcept { return Read{*this, into}; }

}  // namespace event_draft::server
