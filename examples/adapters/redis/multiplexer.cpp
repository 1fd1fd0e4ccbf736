#include "multiplexer.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <exception>
#include <iterator>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>

#include "reply_reader.hpp"

namespace event_draft::redis {

namespace asio = boost::asio;
using boost::system::error_code;
using namespace std::chrono_literals;

namespace {

// Whole again within two seconds: an attempt that nobody answers takes one, and the wait for the next at most half of one.
constexpr Backoff backoff{10ms, 500ms};
constexpr auto look_every = 100ms;
constexpr int most_silent_looks = 10;
constexpr std::size_t bytes_of_write = 64 * 1024;  // about as many; more wait, and cost nothing if they are given up
constexpr std::size_t bytes_of_read = 64 * 1024;
constexpr auto least_life = 1s;  // of a connection to a server that has become a replica

std::uint64_t some_bits(const void* of) noexcept {
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count()) ^
         reinterpret_cast<std::uintptr_t>(of);
}

Commands greeting_of(const Config& config) {
  Commands commands;
  commands.greet(config);
  commands.ping();  // a server that hangs, or loads its data, takes no calls yet
  return commands;
}

}  // namespace

/// What every connection begins with. It has no caller; a refusal ends the connection.
class Multiplexer::Greeting final : public Call {
 public:
  explicit Greeting(Multiplexer& of) : Call{greeting_of(of.config_)}, of_{of} {}

  [[nodiscard]] bool is_wanted() const noexcept override { return true; }
  void fail() override {}

 private:
  bool accept(const redisReply& reply) override { return is_status(reply, replies_left() == 1 ? "PONG" : "OK"); }
  void succeed() override { of_.greeted(); }

  Multiplexer& of_;
};

Multiplexer::Multiplexer(asio::io_context& context, Config config) : context_{context}, config_{std::move(config)} {}

void Multiplexer::start() {
  const auto life = [](std::shared_ptr<Multiplexer> self) -> asio::awaitable<void> { co_await self->run(); };
  asio::co_spawn(context_, life(shared_from_this()), asio::detached);
}

void Multiplexer::stop() {
  is_stopped_ = true;
  pause_.cancel();
  watchdog_.cancel();
  lose("stopped", true);
}

void Multiplexer::call(std::unique_ptr<Call> call) {
  waiting_.push_back(std::move(call));
  flush_later();
}

/// A connection after the other.
asio::awaitable<void> Multiplexer::run() {
  while (!is_stopped_) {
    std::shared_ptr<Socket> socket;
    std::string why;
    try {
      socket = std::make_shared<Socket>(context_);
      co_await talk(socket);
    } catch (const boost::system::system_error& error) {
      why = error.code().message();
    } catch (const std::exception& error) {
      why = error.what();
    }
    try {
      if (socket_ == socket) lose(why);
      if (is_stopped_) co_return;
      error_code cancelled;
      pause_.expires_after(backoff(failures_, some_bits(this)));
      co_await pause_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    } catch (const std::exception&) {  // no memory even to wait
      std::this_thread::sleep_for(backoff.first);
    }
  }
}

asio::awaitable<void> Multiplexer::talk(std::shared_ptr<Socket> socket) {
  socket_ = socket;
  silent_looks_ = 0;
  watch();
  auto all = co_await endpoints(resolver_, config_);
  const auto is_wanted = [&] { return socket_ == socket; };  // and not given up meanwhile
  if (is_wanted()) co_await connect(*socket, std::move(all), first_address_, is_wanted);
  if (!is_wanted()) co_return;
  greet();
  co_await receive(*socket);
}

void Multiplexer::greet() {
  std::string bytes;
  send(std::make_unique<Greeting>(*this), bytes);
  write(std::move(bytes));
}

void Multiplexer::greeted() {
  is_open_ = true;
  calls_may_wait_ = true;
  failures_ = 0;
  open_since_ = std::chrono::steady_clock::now();
  flush_later();
}

/// Until it is lost.
asio::awaitable<void> Multiplexer::receive(Socket& socket) {
  ReplyReader reader;
  std::vector<char> bytes(bytes_of_read);
  for (;;) {
    const auto size = co_await socket.async_read_some(asio::buffer(bytes), asio::use_awaitable);
    reader.feed({bytes.data(), size});
    while (const auto reply = reader.next()) take(*reply);
  }
}

void Multiplexer::take(const redisReply& reply) {
  if (sent_.empty()) throw ConnectionLost{"a reply that nobody asked for"};
  silent_looks_ = 0;
  if (is_open_ && reply.type == REDIS_REPLY_ERROR) {
    take_refusal(reply);
  } else if (!sent_.front()->take(reply)) {
    throw ConnectionLost{describe(reply)};
  }
  if (sent_.front()->is_over()) sent_.pop_front();
  if (is_retiring_ && sent_.empty()) throw ConnectionLost{"the server has become a replica"};
}

/// One error is the answer to one command: what comes after it still belongs to whom it would. But a server that writes no
/// longer may have left its name or address to one that does, which a new connection finds.
void Multiplexer::take_refusal(const redisReply& reply) {
  const std::string what = describe(reply);
  report(what);
  sent_.front()->take_refusal();
  if (what.ends_with("READONLY") && std::chrono::steady_clock::now() - open_since_ >= least_life) is_retiring_ = true;
}

void Multiplexer::flush_later() {
  if (is_flush_posted_ || is_writing_ || !is_open_ || waiting_.empty()) return;
  asio::post(context_, [self = shared_from_this()] {
    self->is_flush_posted_ = false;
    self->handle([&] { self->flush(); });
  });
  is_flush_posted_ = true;
}

void Multiplexer::flush() {
  if (!is_open_ || is_writing_ || is_retiring_) return;
  std::string bytes;
  const std::size_t most = config_.gather ? bytes_of_write : 1;
  while (!waiting_.empty() && bytes.size() < most) {
    auto call = std::move(waiting_.front());
    waiting_.pop_front();
    if (call->is_wanted()) send(std::move(call), bytes);
  }
  if (!bytes.empty()) write(std::move(bytes));
}

void Multiplexer::send(std::unique_ptr<Call> call, std::string& bytes) {
  if (sent_.empty()) silent_looks_ = 0;
  bytes.append(call->bytes());
  call->is_sent();
  sent_.push_back(std::move(call));
}

void Multiplexer::write(std::string bytes) {
  const auto kept = std::make_shared<const std::string>(std::move(bytes));
  is_writing_ = true;
  ++writes_;
  watch();
  asio::async_write(*socket_, asio::buffer(*kept),
                    [self = shared_from_this(), socket = socket_, kept](const error_code& error, std::size_t) {
                      if (socket != self->socket_) return;  // of a connection that is over
                      self->is_writing_ = false;
                      self->handle([&] { error ? self->lose(error.message()) : self->flush(); });
                    });
}

/// Looks now and then whether who is waited for has said something: counted in looks, so that a thread that stood still itself
/// does not blame the server.
void Multiplexer::watch() {
  if (is_watching_) return;
  watchdog_.expires_after(look_every);
  watchdog_.async_wait([self = shared_from_this()](const error_code& error) {
    self->is_watching_ = false;
    if (!error) self->handle([&] { self->look(); });
  });
  is_watching_ = true;
}

void Multiplexer::look() {
  const bool is_waited_for = socket_ != nullptr && (!is_open_ || !sent_.empty());
  if (!is_waited_for) return;
  if (++silent_looks_ < most_silent_looks) return watch();
  lose("no answer for a second", true);
}

/// What was sent may have had its effect. What was not can wait for the next connection, if there is hope for one.
void Multiplexer::lose(std::string_view why, bool is_silent) {
  report(why);
  calls_may_wait_ = is_open_ && !is_silent;
  if (is_silent && !is_open_) ++first_address_;  // the one that was tried lets none behind it have its turn
  ++failures_;
  is_open_ = false;
  is_writing_ = is_retiring_ = false;
  resolver_.cancel();
  if (const auto socket = std::exchange(socket_, nullptr)) {
    error_code ignored;
    socket->close(ignored);
  }
  fail_all(sent_);
  if (!calls_may_wait_) fail_all(waiting_);
}

/// One by one: a new deque would need memory.
void Multiplexer::fail_all(Calls& calls) noexcept {
  while (!calls.empty()) {
    const auto call = std::move(calls.front());
    calls.pop_front();
    call->fail();
  }
}

void Multiplexer::report(std::string_view why) const noexcept {
  try {
    if (!is_stopped_) config_.on_failure(fmt::format("{}: {}", describe(config_), why));
  } catch (const std::exception&) {  // there is nobody else to tell
  }
}

/// No exception leaves a handler: it is out of memory, and begins anew.
template <class Work>
void Multiplexer::handle(Work work) noexcept {
  try {
    work();
  } catch (const std::exception& error) {
    lose(error.what());
  }
}

}  // namespace event_draft::redis
