#pragma once

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "http_server.hpp"
#include "worker_pool.hpp"

namespace event_draft::testing {

/// What a server's hook was told.
class EventLog {
 public:
  [[nodiscard]] server::HttpEventHook hook() {
    return [this](const server::HttpEvent& event) {
      const std::lock_guard lock{mutex_};
      keys_.emplace_back(event.key);
      changed_.notify_all();
    };
  }

  /// Waits for it, but not for ever.
  [[nodiscard]] bool has(const std::string& key) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, std::chrono::seconds{5},
                             [&] { return std::find(keys_.begin(), keys_.end(), key) != keys_.end(); });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> keys_;
};

/// A door that handlers wait at until the test opens it.
class Gate {
 public:
  void open() {
    const std::lock_guard lock{mutex_};
    is_open_ = true;
    changed_.notify_all();
  }

  void pass() {
    std::unique_lock lock{mutex_};
    ++waiting_;
    changed_.notify_all();
    changed_.wait_for(lock, std::chrono::seconds{10}, [&] { return is_open_; });
  }

  /// True once that many have come.
  [[nodiscard]] bool has(int waiting) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, std::chrono::seconds{5}, [&] { return waiting_ >= waiting; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool is_open_ = false;
};

/// Event loops whose requests are answered by a function that may block, on workers.
class Loops {
 public:
  using Function = std::function<server::HttpResponse(const server::HttpRequest&)>;
  struct Counts {
    std::size_t loops = 1;
    std::size_t workers = 8;
  };

  explicit Loops(Function answer, Counts counts) : answer_{std::move(answer)}, workers_{counts.workers, max_wait} {
    while (contexts_.size() != counts.loops) contexts_.push_back(std::make_unique<boost::asio::io_context>(1));
  }
  explicit Loops(Function answer) : Loops{std::move(answer), Counts{}} {}

  [[nodiscard]] std::vector<server::HttpLoop> http() {
    std::vector<server::HttpLoop> loops;
    for (const auto& each : contexts_) {
      loops.push_back(
          {*each, [this, &context = *each](const server::HttpRequest& request) { return answer(context, request); }});
    }
    return loops;
  }

 private:
  static constexpr std::chrono::seconds max_wait{30};

  Task<server::HttpResponse> answer(boost::asio::io_context& context, const server::HttpRequest& request) {
    return workers_.run(context, [this, &request] { return answer_(request); });
  }

  Function answer_;
  std::vector<std::unique_ptr<boost::asio::io_context>> contexts_{};
  server::WorkerPool workers_;  // the last, so that it ends before the loops that it hands its answers to
};

/// A server on a free loopback port that runs until the end of the scope.
class RunningServer {
 public:
  RunningServer(server::HttpServerOptions options, Loops::Function answer, Loops::Counts counts)
      : loops_{std::move(answer), counts},
        server_{std::move(options), loops_.http(), events.hook()},
        thread_{[this] { server_.run(); }} {}
  RunningServer(server::HttpServerOptions options, Loops::Function answer)
      : RunningServer{std::move(options), std::move(answer), Loops::Counts{}} {}
  ~RunningServer() { server_.stop(); }

  [[nodiscard]] std::uint16_t port() const { return server_.port(); }
  void stop() { server_.stop(); }
  /// Until run() has returned.
  void join() { thread_.join(); }

  EventLog events;

 private:
  Loops loops_;
  server::HttpServer server_;
  std::jthread thread_;
};

/// Answers with what it was asked: `POST /path body`.
inline server::HttpResponse echo(const server::HttpRequest& request) {
  return {
      .status = 200, .content_type = "text/plain", .body = request.method + " " + request.target + " " + request.body};
}

inline std::string get(const std::string& target, const std::string& more = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n";
}

inline std::string post(const std::string& target, const std::string& body, const std::string& more = "") {
  return "POST " + target + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         more + "\r\n" + body;
}

}  // namespace event_draft::testing
