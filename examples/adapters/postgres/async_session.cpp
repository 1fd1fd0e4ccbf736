#include "async_session.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <event_draft/backoff.hpp>
#include <exception>
#include <random>
#include <stdexcept>
#include <thread>
#include <utility>

#include "look_up.hpp"

namespace event_draft::postgres {
namespace {

namespace asio = boost::asio;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr Backoff between_tries{std::chrono::milliseconds{20}, std::chrono::milliseconds{1000}};
/// A database that answers, but ends the connection of whoever saves: it is read from on, and not connected to for each.
constexpr std::chrono::milliseconds after_refusal{50};
constexpr std::chrono::seconds connect_patience{2};
constexpr std::chrono::seconds useful_life{1};  // of a connection, whatever ended it
/// The server ends what is late by itself, so who hears nothing for this much longer has lost it.
constexpr std::chrono::milliseconds grace{100};

/// A connection's socket, watched. It has a descriptor of its own: libpq closes the other when it likes.
class Socket {
 public:
  Socket(asio::io_context& context, int socket) : watched_{std::make_shared<Watched>(context)} {
    const int own = ::fcntl(socket, F_DUPFD_CLOEXEC, 0);
    boost::system::error_code error;
    if (own >= 0) watched_->descriptor.assign(own, error);
    if (own < 0 || error) {
      if (own >= 0) ::close(own);
      throw std::runtime_error{"a connection's socket can't be watched: too few descriptors?"};
    }
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() {
    watched_->timer.cancel();
    watched_->descriptor.cancel();
  }

  /// False when the deadline has passed.
  asio::awaitable<bool> ready(short events, Deadline deadline) {
    using namespace asio::experimental::awaitable_operators;
    keep(deadline);
    if (watched_->is_over) co_return false;
    auto& descriptor = watched_->descriptor;
    if (events == POLLIN) {
      const auto [error] = co_await descriptor.async_wait(descriptor.wait_read, as_result);
      co_return !error;
    }
    if (events == POLLOUT) {
      const auto [error] = co_await descriptor.async_wait(descriptor.wait_write, as_result);
      co_return !error;
    }
    const auto first = co_await (descriptor.async_wait(descriptor.wait_read, as_result) ||
                                 descriptor.async_wait(descriptor.wait_write, as_result));
    co_return std::visit([](const auto& result) { return !std::get<0>(result); }, first);
  }

 private:
  struct Watched {
    explicit Watched(asio::io_context& context) : descriptor{context}, timer{context} {}
    asio::posix::stream_descriptor descriptor;
    asio::steady_timer timer;
    bool is_over = false;  ///< the timer's time
  };

  void keep(Deadline deadline) {
    if (watched_->timer.expiry() == deadline.at()) return;
    watched_->is_over = false;
    watched_->timer.expires_at(deadline.at());
    watched_->timer.async_wait([watched = watched_](const boost::system::error_code& error) {
      if (error || !Deadline{watched->timer.expiry()}.expired()) return;  // it may have been set anew meanwhile
      watched->is_over = true;
      watched->descriptor.cancel();
    });
  }

  std::shared_ptr<Watched> watched_;
};

}  // namespace

/// What the coroutines keep alive among themselves.
struct AsyncSession::State {
  State(adapters::Loop& its_loop, const Config& its_config, std::shared_ptr<JobSource> its_source)
      : loop{its_loop}, config{its_config}, source{std::move(its_source)} {}

  adapters::Loop& loop;
  Config config;
  Report report = [this](std::string_view cause) { config.on_failure(cause); };
  std::shared_ptr<JobSource> source;
  std::vector<std::shared_ptr<Worker>> workers{};
  std::atomic<std::size_t> open = 0;
  bool is_waking = false;  ///< a worker is on its way to what there is to do

  void wake();
  /// No worker has a connection, and none has yet to see whether it gets one.
  [[nodiscard]] bool is_down() const noexcept;
  bool stopped = false;
};

/// One connection after the other.
class AsyncSession::Worker {
 public:
  explicit Worker(State& state) : state_{state}, rest_{state.loop.context()}, resolver_{state.loop.context()} {}

  static asio::awaitable<void> run(std::shared_ptr<State> state, std::shared_ptr<Worker> worker) {
    std::minstd_rand random{std::random_device{}()};
    for (int failures = 0; !state->stopped;) {
      try {
        const bool was_there = co_await worker->live();
        if (worker->has_answered_) failures = 0;
        if (worker->was_useful_) continue;
        // One that ended before it was of use may have met with an accident; a second one has not.
        worker->failed_ = !was_there || failures != 0;
      } catch (const std::exception& exception) {  // out of memory or descriptors
        state->report(exception.what());
        worker->failed_ = true;
        worker->rests_ = false;
        worker->has_answered_ = false;
        state->is_waking = false;
        state->wake();
      }
      if (state->is_down()) state->source->fail_all();
      try {
        worker->rest_.expires_after(worker->has_answered_ ? after_refusal : between_tries(++failures, random()));
        co_await worker->rest_.async_wait(as_result);
      } catch (const std::exception&) {  // no memory even to wait
        std::this_thread::sleep_for(between_tries.first);
      }
    }
  }

  /// False when it has something to do already.
  bool wake() {
    if (!std::exchange(rests_, false)) return false;
    rest_.cancel();
    return true;
  }

  void stop() {
    rest_.cancel();
    resolver_.cancel();
  }

  [[nodiscard]] bool failed() const noexcept { return failed_; }

 private:
  /// A connection's life. False if there was none.
  asio::awaitable<bool> live() {
    was_useful_ = has_answered_ = false;
    auto connection = co_await connect();
    if (!connection) co_return false;
    failed_ = false;
    const Deadline becomes_useful = Deadline::after(useful_life);
    {
      const Count count{state_.open};
      co_await serve(connection.assume_value());
    }
    was_useful_ = was_useful_ || becomes_useful.expired();
    has_answered_ = has_answered_ || was_useful_;
    state_.is_waking = false;
    state_.wake();  // another connection may be well
    co_return true;
  }

  asio::awaitable<Result<Connection>> connect() {
    const auto addresses =
        co_await look_up(resolver_, state_.config.url, first_address_);  // in the resolver's own time
    if (state_.stopped) co_return Error{Errc::storage_unavailable};
    const Deadline deadline = Deadline::after(connect_patience);
    auto started = Connection::start(state_.config.url, state_.config.prepared_statements, state_.report, addresses);
    if (!started) co_return started.assume_error();
    Connection connection = std::move(started).assume_value();
    for (;;) {
      const auto is_connected = connection.connect_further();
      if (!is_connected) co_return is_connected.assume_error();
      if (is_connected.assume_value()) co_return connection;
      Socket socket{state_.loop.context(), connection.socket()};  // libpq may have gone on to the next address
      if (!co_await socket.ready(connection.events(), deadline)) {
        ++first_address_;  // the one that is silent lets none behind it have its turn
        co_return connection.too_late(Certainty::not_applied);
      }
    }
  }

  /// Until the connection is lost; of one that rests this is noticed when there is something to do.
  asio::awaitable<void> serve(Connection& connection) {
    Socket socket{state_.loop.context(), connection.socket()};
    while (!state_.stopped && connection.is_idle()) {
      state_.is_waking = false;
      if (const auto jobs = state_.source->take(); !jobs.empty()) {
        if (state_.source->has_more()) state_.wake();
        co_await run(jobs, connection, socket);
      } else {
        rests_ = true;
        rest_.expires_at(SteadyTime::max());
        co_await rest_.async_wait(as_result);
        rests_ = false;
      }
    }
  }

  asio::awaitable<void> run(const std::vector<std::unique_ptr<Job>>& jobs, Connection& connection, Socket& socket) {
    auto next = jobs.begin();
    for (auto job = jobs.begin(); job != jobs.end() && connection.is_open(); ++job) {
      if (const auto sent = (*job)->send(connection); !sent) {
        // What went before it was perhaps received; what comes after it was never sent.
        for (; next != job; ++next) (*next)->done(lost(Certainty::unknown), false);
        (*next++)->done(sent.assume_error(), false);
        for (; next != jobs.end(); ++next) (*next)->done(lost(Certainty::not_applied), false);
        co_return;
      }
    }
    while (next != jobs.end() && connection.is_open()) {
      if (auto answer = connection.answer()) {
        was_useful_ = connection.is_open();  // what ended it was its last
        has_answered_ = has_answered_ || was_useful_;
        (*next++)->done(*std::move(answer), connection.met_conflict());
      } else if (!co_await socket.ready(connection.events(), silence_from(next, jobs.end()))) {
        const Error late = connection.too_late(Certainty::unknown);
        (*next++)->done(late, false);
      } else if (const auto received = connection.receive(); !received) {
        (*next++)->done(received.assume_error(), false);
      }
    }
    for (; next != jobs.end(); ++next) (*next)->done(lost(Certainty::unknown), false);
  }

  /// When the server has had to say something of one of them.
  static Deadline silence_from(std::vector<std::unique_ptr<Job>>::const_iterator next,
                               std::vector<std::unique_ptr<Job>>::const_iterator end) noexcept {
    Deadline first = (*next)->deadline();
    for (; next != end; ++next) first = std::min(first, (*next)->deadline());
    return Deadline::after(grace, first.at());
  }

  struct Count {
    explicit Count(std::atomic<std::size_t>& what) : counted{what} { ++counted; }
    Count(const Count&) = delete;
    Count& operator=(const Count&) = delete;
    ~Count() { --counted; }
    std::atomic<std::size_t>& counted;
  };

  static Error lost(Certainty certainty) noexcept { return {Errc::storage_unavailable, {}, certainty}; }

  State& state_;
  asio::steady_timer rest_;
  asio::ip::tcp::resolver resolver_;
  std::size_t first_address_ = 0;
  bool rests_ = false;
  bool was_useful_ = false;    ///< ended by none of its own answers, or after a while
  bool has_answered_ = false;  ///< and gone on
  bool failed_ = false;        ///< to get a connection of any use, and has had none since
};

AsyncSession::AsyncSession(adapters::Loop& loop, const Config& config, std::shared_ptr<JobSource> source)
    : state_{std::make_shared<State>(loop, config, std::move(source))} {
  for (std::size_t i = 0; i != std::max<std::size_t>(config.connections, 1); ++i) {
    const auto& worker = state_->workers.emplace_back(std::make_shared<Worker>(*state_));
    asio::co_spawn(loop.context(), Worker::run(state_, worker), asio::detached);
  }
}

AsyncSession::~AsyncSession() {
  state_->stopped = true;
  for (const auto& worker : state_->workers) worker->stop();
}

void AsyncSession::State::wake() {
  if (is_waking) return;
  is_waking = std::ranges::any_of(workers, [](const auto& worker) { return worker->wake(); });
}

bool AsyncSession::State::is_down() const noexcept {
  return std::ranges::all_of(workers, [](const auto& worker) { return worker->failed(); });
}

void AsyncSession::wake() { state_->wake(); }

bool AsyncSession::is_available() const noexcept { return !state_->is_down(); }

std::size_t AsyncSession::connections() const noexcept { return state_->open; }

}  // namespace event_draft::postgres
