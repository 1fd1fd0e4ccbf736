#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <event_draft/backoff.hpp>

#include "call.hpp"
#include "config.hpp"
#include "connect.hpp"

namespace event_draft::redis {

/// One connection for all callers of a thread, made again whenever it is lost. Calls that come in the same turn of the event
/// loop, or while others are being written, are written together; replies belong to them in the order in which they were sent,
/// whether somebody still waits or not.
///
/// Its handlers keep it alive; `stop` ends it. On the thread that runs the context, or when none does any more.
class Multiplexer : public std::enable_shared_from_this<Multiplexer> {
 public:
  static constexpr std::size_t most_calls = 10'000;  ///< in flight or about to be; a call more fails at once

  Multiplexer(boost::asio::io_context& context, Config config);

  void start();
  /// Nothing is reported any more, and all calls fail.
  void stop();

  /// Whether a call would be sent, now or as soon as there is a connection. Without one calls wait if the first attempt to make one
  /// is under way, at the start and after one that worked; else there is an outage, which must hold nobody up.
  [[nodiscard]] bool takes_calls() const noexcept {
    return (is_open_ || calls_may_wait_) && waiting_.size() + sent_.size() < most_calls;
  }
  /// Only while it takes them.
  void call(std::unique_ptr<Call> call);

  [[nodiscard]] const Config& config() const noexcept { return config_; }
  // For any thread.
  [[nodiscard]] bool is_open() const noexcept { return is_open_; }
  [[nodiscard]] std::size_t writes() const noexcept { return writes_; }

 private:
  using Calls = std::deque<std::unique_ptr<Call>>;
  class Greeting;

  boost::asio::awaitable<void> run();
  boost::asio::awaitable<void> talk(std::shared_ptr<Socket> socket);
  boost::asio::awaitable<void> receive(Socket& socket);
  void greet();
  void greeted();
  void take(const redisReply& reply);
  void take_refusal(const redisReply& reply);

  void flush_later();
  void flush();
  /// Its place among those sent, and its bytes among those to be written.
  void send(std::unique_ptr<Call> call, std::string& bytes);
  void write(std::string bytes);

  void watch();
  void look();

  void lose(std::string_view why, bool is_silent = false);
  static void fail_all(Calls& calls) noexcept;
  void report(std::string_view why) const noexcept;
  template <class Work>
  void handle(Work work) noexcept;

  boost::asio::io_context& context_;
  const Config config_;
  Resolver resolver_{context_};
  boost::asio::steady_timer pause_{context_};
  boost::asio::steady_timer watchdog_{context_};

  std::shared_ptr<Socket> socket_;     // of the connection that is, or is being made
  Calls waiting_;                      // to be sent
  Calls sent_;                         // in the order of the replies to come
  std::atomic<bool> is_open_ = false;  // greeted, so that calls can be sent
  bool is_writing_ = false;
  bool is_retiring_ = false;  // is replaced when what was sent is answered
  bool is_flush_posted_ = false;
  bool is_watching_ = false;
  bool is_stopped_ = false;
  bool calls_may_wait_ = true;
  int silent_looks_ = 0;
  int failures_ = 0;               // in a row
  std::size_t first_address_ = 0;  // of a name's, to begin with: the next one after a try that nobody answered
  std::atomic<std::size_t> writes_ = 0;
  SteadyTime open_since_{};
};

}  // namespace event_draft::redis
