#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>

// Asio keeps coroutine frames for reuse by thread, and looks the thread up inside the coroutine. Clang 16 takes that
// look-up out of the parts of a coroutine that run on different threads, which is a use after free. So all that is linked
// together is compiled without the reuse; see CMakeLists.txt.
#ifndef BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING
#error "Compile with BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING"
#endif

namespace event_draft::server {

/// A socket whose reads and writes end at a common deadline. Past it the connection is still open, so that the client
/// can be told why (Beast's own stream closes it). All members are called on the socket's strand.
class TimedStream : public std::enable_shared_from_this<TimedStream> {
 public:
  explicit TimedStream(boost::asio::ip::tcp::socket socket);

  /// For all reads and writes from here on, together.
  void expires_after(std::chrono::milliseconds time);
  [[nodiscard]] bool expired() const noexcept { return expired_; }

  /// \return 0 when the client has closed or is gone, when the deadline has passed, or after `interrupt`
  [[nodiscard]] boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer into);
  /// \return false if not all of it was written
  [[nodiscard]] boost::asio::awaitable<bool> write(std::string_view text);
  /// Says that no more will be written, then throws away what the client still sends, up to the bounds.
  [[nodiscard]] boost::asio::awaitable<void> linger(std::chrono::milliseconds time, std::size_t bytes);

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

}  // namespace event_draft::server
