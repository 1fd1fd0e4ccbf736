#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <cstddef>
#include <event_draft/task.hpp>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>

#include "asio_operation.hpp"

namespace event_draft::server {

/// No worker was free in time, and nothing was done.
struct NoWorker : std::exception {
  [[nodiscard]] const char* what() const noexcept override { return "no worker was free in time"; }
};

/// Threads for what blocks.
class WorkerPool {
 public:
  WorkerPool(std::size_t threads, std::chrono::milliseconds max_wait) : max_wait_{max_wait}, threads_{threads} {}

  /// Has a worker do it, and goes on in the loop, with what it gave or threw. Throws `NoWorker`.
  template <class Work>
  [[nodiscard]] Task<std::invoke_result_t<Work&>> run(boost::asio::io_context& loop, Work work) {
    const auto job = std::make_shared<Job<Work>>(std::move(work));
    boost::asio::steady_timer too_late{loop, max_wait_};
    co_await asio_operation<>([&](auto go_on) {
      too_late.async_wait([job, go_on](const boost::system::error_code& error) {
        if (!error && job->take()) go_on();
      });
      boost::asio::post(threads_, [job, go_on, &loop] {
        if (!job->take()) return;
        job->run();
        post_surely(loop, go_on);
      });
    });
    if (job->thrown) std::rethrow_exception(job->thrown);
    if (!job->result) throw NoWorker{};
    co_return *std::move(job->result);
  }

 private:
  /// Taken once: by a worker, or by who no longer waits for one.
  template <class Work>
  struct Job {
    explicit Job(Work its_work) : work{std::move(its_work)} {}

    [[nodiscard]] bool take() noexcept { return !is_taken.exchange(true); }
    void run() noexcept {
      try {
        result.emplace(work());
      } catch (...) {
        thrown = std::current_exception();
      }
    }

    Work work;
    std::atomic<bool> is_taken = false;
    std::optional<std::invoke_result_t<Work&>> result{};
    std::exception_ptr thrown{};
  };

  /// Who waits would wait for ever.
  template <class Handler>
  static void post_surely(boost::asio::io_context& loop, Handler handler) noexcept {
    for (;;) {
      try {
        boost::asio::post(loop, handler);
        return;
      } catch (const std::bad_alloc&) {
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
      }
    }
  }

  std::chrono::milliseconds max_wait_;
  boost::asio::thread_pool threads_;
};

}  // namespace event_draft::server
