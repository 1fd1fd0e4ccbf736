#include "http_server.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <unordered_set>
#include <utility>

#include "http_context.hpp"
#include "http_session.hpp"

namespace event_draft::server {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Level = HttpEvent::Level;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

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
  Impl(HttpServerOptions options, HttpHandler handler, HttpEventHook hook)
      : io_threads_{std::max<std::size_t>(options.io_threads, 1)},
        context_{.limits = options.limits,
                 .hosts = host_policy(options),
                 .handler = std::move(handler),
                 .hook = std::move(hook),
                 .is_quick = std::move(options.is_quick),
                 .on_refusal = std::move(options.on_refusal),
                 .workers = {std::max<std::size_t>(options.worker_threads, 1), options.limits.max_waiting}},
        acceptor_{listening(strand_, options)} {}

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

  void run() {
    std::vector<std::jthread> threads;
    try {
      while (threads.size() + 1 < io_threads_) threads.emplace_back([this] { run_io(); });
    } catch (...) {
      io_.stop();
      throw;
    }
    // Not before all threads are there: past this point there are sessions, which must be let end.
    asio::co_spawn(strand_, accept_connections(), [this](std::exception_ptr error) { on_accept_end(error); });
    run_io();
    // A worker that has handed its last answer over may still hold on to the session's strand, which is of io_.
    context_.workers.join();
  }

  void stop() {
    if (!told_to_stop_.exchange(true)) asio::post(strand_, [this] { begin_stop(); });
  }

 private:
  using Session = std::shared_ptr<HttpSession>;

  void run_io() {
    for (;;) {
      try {
        io_.run();
        return;
      } catch (const std::exception& error) {
        context_.report(Level::error, "http.internal_failure", error.what());
      }
    }
  }

  asio::awaitable<void> accept_connections() {
    auto back_off = first_back_off;
    while (!context_.stopping) {
      // The socket's executor is a strand of its own: whatever happens to one connection happens one after the other.
      auto [error, socket] = co_await acceptor_.async_accept(asio::any_io_executor{asio::make_strand(io_)}, as_result);
      if (!error) {
        back_off = first_back_off;
        admit(std::move(socket));
      } else if (!context_.stopping) {
        // Out of descriptors or memory: the connection still waits in the backlog, so trying at once would spin.
        context_.report(Level::error, "http.accept_failed", error.message());
        back_off_timer_.expires_after(back_off);
        back_off = std::min(back_off * 2, longest_back_off);
        co_await back_off_timer_.async_wait(as_result);
      }
    }
  }

  void admit(tcp::socket socket) {
    error_code ignored;
    socket.set_option(tcp::no_delay{true}, ignored);
    const auto session = std::make_shared<HttpSession>(std::move(socket), context_);
    bool is_refused = false;
    {
      const std::lock_guard lock{mutex_};
      is_refused = serving_.size() >= context_.limits.max_connections;
      if (is_refused && refusing_.size() >= context_.limits.max_refusals) return;
      (is_refused ? refusing_ : serving_).insert(session);
    }
    if (is_refused) context_.report(Level::warning, "http.connection_refused", "too many connections");
    asio::co_spawn(session->executor(), is_refused ? session->refuse() : session->serve(),
                   [this, session](std::exception_ptr error) { on_session_end(session, error); });
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
    asio::post(strand_, [this] {
      grace_timer_.cancel();
      work_.reset();
    });
  }

  void begin_stop() {
    context_.report(Level::info, "http.stopping", "");
    context_.stopping = true;
    admit_backlog();
    error_code ignored;
    acceptor_.close(ignored);
    back_off_timer_.cancel();
    for_each_session([](HttpSession& session) { session.finish(); });

    grace_timer_.expires_after(context_.limits.grace_time);
    grace_timer_.async_wait([this](error_code error) {
      if (!error) cut();
    });
  }

  // Closing the listening socket resets the connections that wait in it, with the requests that they sent.
  void admit_backlog() {
    error_code error;
    acceptor_.non_blocking(true, error);
    for (std::size_t i = 0; !error && i < context_.limits.max_connections; ++i) {
      tcp::socket socket{asio::make_strand(io_)};
      acceptor_.accept(socket, error);
      if (!error) admit(std::move(socket));
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

  std::size_t io_threads_;
  HttpContext context_;
  std::atomic<bool> told_to_stop_ = false;
  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  asio::any_io_executor strand_{asio::make_strand(io_)};  // of all that follows, except the mutex's
  tcp::acceptor acceptor_;
  const std::uint16_t port_{acceptor_.local_endpoint().port()};  // asked for by any thread, the acceptor may be closed
  asio::steady_timer back_off_timer_{strand_};
  asio::steady_timer grace_timer_{strand_};

  std::mutex mutex_;
  bool accepting_ = true;  // run() has yet to, or does
  std::unordered_set<Session> serving_;
  std::unordered_set<Session> refusing_;
};

HttpServer::HttpServer(HttpServerOptions options, HttpHandler handler, HttpEventHook hook)
    : impl_{std::make_unique<Impl>(std::move(options), std::move(handler), std::move(hook))} {}

HttpServer::~HttpServer() = default;

std::uint16_t HttpServer::port() const noexcept { return impl_->port(); }

void HttpServer::run() { impl_->run(); }

void HttpServer::stop() { impl_->stop(); }

}  // namespace event_draft::server
