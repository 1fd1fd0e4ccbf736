#include "http_server.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <exception>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <unordered_set>
#include <utility>

#include "asio_operation.hpp"
#include "detached.hpp"
#include "http_context.hpp"
#include "http_session.hpp"
#include "log_interval.hpp"

namespace event_draft::server {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Level = HttpEvent::Level;

namespace {

constexpr std::chrono::milliseconds first_back_off{20};
constexpr std::chrono::milliseconds longest_back_off{1'000};

[[noreturn]] void cannot_listen(const HttpServerOptions& options, std::error_code error) {
  throw std::system_error(error,
                          "can't listen on address " + options.address + " port " + std::to_string(options.port));
}

asio::ip::address parsed_address(const HttpServerOptions& options) {
  error_code error;
  auto address = asio::ip::make_address(options.address, error);
  if (error) cannot_listen(options, std::make_error_code(std::errc::invalid_argument));
  return address;
}

HostPolicy host_policy(const HttpServerOptions& options) {
  const bool by_loopback_only = parsed_address(options).is_loopback();
  return {.any_host = !by_loopback_only && options.host_names.empty(), .names = options.host_names};
}

tcp::acceptor listening(const asio::any_io_executor& executor, const HttpServerOptions& options) {
  const tcp::endpoint endpoint{parsed_address(options), options.port};
  tcp::acceptor acceptor{executor};
  error_code error;
  const auto step = [&](auto&& call) {
    if (!error) call();
  };
  step([&] { acceptor.open(endpoint.protocol(), error); });
  step([&] { acceptor.set_option(tcp::acceptor::reuse_address{true}, error); });
  step([&] { acceptor.bind(endpoint, error); });
  step([&] { acceptor.listen(asio::socket_base::max_listen_connections, error); });
  if (error) cannot_listen(options, error);
  return acceptor;
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(HttpServerOptions options, std::vector<HttpLoop> loops, HttpEventHook hook)
      : context_{.limits = options.limits,
                 .hosts = host_policy(options),
                 .hook = std::move(hook),
                 .on_refusal = std::move(options.on_refusal)},
        loops_{std::move(loops)},
        acceptor_{listening(first_loop().get_executor(), options)} {}

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

  void run() {
    std::vector<asio::executor_work_guard<asio::io_context::executor_type>> work;
    work.reserve(loops_.size());
    for (const HttpLoop& loop : loops_) work.push_back(asio::make_work_guard(loop.context.get()));
    std::vector<std::jthread> threads;
    try {
      for (std::size_t i = 1; i != loops_.size(); ++i) threads.emplace_back([this, i] { run_loop(loops_[i]); });
    } catch (...) {
      stop_loops();
      throw;
    }
    // Not before all threads are there: past this point there are sessions, which must be let end.
    asio::post(first_loop(), [this] { begin_accepting(); });
    run_loop(loops_.front());
  }

  void stop() {
    if (!told_to_stop_.exchange(true)) asio::post(first_loop(), [this] { begin_stop(); });
  }

 private:
  using Session = std::shared_ptr<HttpSession>;

  [[nodiscard]] asio::io_context& first_loop() const noexcept { return loops_.front().context; }

  void run_loop(const HttpLoop& loop) {
    for (;;) {
      try {
        loop.context.get().run();
        return;
      } catch (const std::exception& error) {
        context_.report(Level::error, "http.internal_failure", error.what());
      }
    }
  }

  void stop_loops() {
    for (const HttpLoop& loop : loops_) loop.context.get().stop();
  }

  void begin_accepting() {
    try {
      accept_connections();
    } catch (...) {  // no memory for it
      on_accept_end(std::current_exception());
    }
  }

  Detached accept_connections() {
    std::exception_ptr error;
    try {
      co_await keep_accepting();
    } catch (...) {
      error = std::current_exception();
    }
    on_accept_end(error);
  }

  Task<void> keep_accepting() {
    auto back_off = first_back_off;
    while (!context_.stopping) {
      error_code failure;
      try {
        const HttpLoop& loop = next_loop();
        auto [error, socket] = co_await asio_operation<error_code, tcp::socket>(
            [&](auto handler) { acceptor_.async_accept(loop.context.get(), handler); });
        failure = error;
        if (!error) admit(std::move(socket), loop);
      } catch (const std::bad_alloc&) {
        failure = asio::error::no_memory;
      }
      if (!failure) {
        back_off = first_back_off;
      } else if (!context_.stopping) {
        // Out of descriptors or memory: the connection still waits in the backlog, so trying at once would spin.
        context_.report(Level::error, "http.accept_failed", "out of memory or of descriptors");
        co_await pause(back_off);
        back_off = std::min(back_off * 2, longest_back_off);
      }
    }
  }

  Task<void> pause(std::chrono::milliseconds time) {
    try {
      back_off_timer_.expires_after(time);
      co_await asio_operation<error_code>([&](auto handler) { back_off_timer_.async_wait(handler); });
    } catch (const std::bad_alloc&) {  // not even for that: it is tried at once
    }
  }

  [[nodiscard]] const HttpLoop& next_loop() noexcept {
    next_loop_ = (next_loop_ + 1) % loops_.size();
    return loops_[next_loop_];
  }

  void admit(tcp::socket socket, const HttpLoop& loop) {
    error_code ignored;
    socket.set_option(tcp::no_delay{true}, ignored);
    Session session;
    try {
      session = std::make_shared<HttpSession>(std::move(socket), context_, loop.handler);
      bool is_refused = false;
      {
        const std::lock_guard lock{mutex_};
        is_refused = serving_.size() >= context_.limits.max_connections;
        if (is_refused && refusing_.size() >= context_.limits.max_refusals) return;
        (is_refused ? refusing_ : serving_).insert(session);
      }
      if (is_refused && refused_log_.is_due()) {
        context_.report(Level::warning, "http.connection_refused", "too many connections");
      }
      asio::post(session->executor(), [this, session, is_refused] { begin(session, is_refused); });
    } catch (const std::bad_alloc&) {  // this one is closed
      on_session_end(session, std::current_exception());
    }
  }

  void begin(const Session& session, bool is_refused) {
    try {
      serve(session, is_refused);
    } catch (...) {  // no memory for it
      on_session_end(session, std::current_exception());
    }
  }

  Detached serve(Session session, bool is_refused) {
    std::exception_ptr error;
    try {
      auto all =
          is_refused ? session->refuse() : session->serve();  // by itself, for GCC 12 destroys it twice in a co_await
      co_await all;
    } catch (...) {
      error = std::current_exception();
    }
    on_session_end(session, error);
  }

  void on_session_end(const Session& session, std::exception_ptr error) {
    report(error);
    const std::lock_guard lock{mutex_};
    serving_.erase(session);
    refusing_.erase(session);
    end_if_done();
  }

  void on_accept_end(std::exception_ptr error) {
    report(error);
    const std::lock_guard lock{mutex_};
    accepting_ = false;
    end_if_done();
  }

  void end_if_done() {
    if (accepting_ || !serving_.empty() || !refusing_.empty()) return;
    stop_loops();
  }

  void begin_stop() {
    context_.report(Level::info, "http.stopping", "");
    context_.stopping = true;
    admit_backlog();
    error_code ignored;
    acceptor_.close(ignored);
    back_off_timer_.cancel();
    grace_timer_.expires_after(context_.limits.grace_time);
    grace_timer_.async_wait([this](error_code error) {
      if (!error) cut();
    });
    for_each_session([](HttpSession& session) { session.finish(); });
  }

  // Closing the listening socket resets the connections that wait in it, with the requests that they sent.
  void admit_backlog() {
    error_code error;
    acceptor_.non_blocking(true, error);
    for (std::size_t i = 0; !error && i < context_.limits.max_connections; ++i) {
      const HttpLoop& loop = next_loop();
      tcp::socket socket{loop.context.get()};
      acceptor_.accept(socket, error);
      if (!error) admit(std::move(socket), loop);
    }
  }

  void cut() {
    context_.report(Level::warning, "http.cut", "the grace time is over");
    context_.cut = true;
    for_each_session([](HttpSession& session) { session.cut(); });
  }

  void for_each_session(void (*act)(HttpSession&)) {
    const std::lock_guard lock{mutex_};
    for (const auto* sessions : {&serving_, &refusing_}) {
      for (const auto& session : *sessions) act(*session);
    }
  }

  void report(std::exception_ptr error) const {
    if (!error) return;
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& failure) {
      context_.report(Level::error, "http.internal_failure", failure.what());
    }
  }

  HttpContext context_;
  std::atomic<bool> told_to_stop_ = false;
  // On the first loop's thread, but for its own thing of each loop.
  const std::vector<HttpLoop> loops_;
  std::size_t next_loop_ = 0;
  tcp::acceptor acceptor_;
  const std::uint16_t port_{acceptor_.local_endpoint().port()};  // asked for by any thread, the acceptor may be closed
  asio::steady_timer back_off_timer_{first_loop()};
  asio::steady_timer grace_timer_{first_loop()};

  std::mutex mutex_;
  bool accepting_ = true;  // run() has yet to, or does
  std::unordered_set<Session> serving_;
  std::unordered_set<Session> refusing_;
  LogInterval refused_log_;
};

HttpServer::HttpServer(HttpServerOptions options, std::vector<HttpLoop> loops, HttpEventHook hook)
    : impl_{std::make_unique<Impl>(std::move(options), std::move(loops), std::move(hook))} {}

HttpServer::~HttpServer() = default;

std::uint16_t HttpServer::port() const noexcept { return impl_->port(); }

void HttpServer::run() { impl_->run(); }

void HttpServer::stop() { impl_->stop(); }

}  // namespace event_draft::server
