#pragma once

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <cstddef>
#include <memory>

namespace event_draft::server {

/// Threads for handlers that block, and a bound on the requests that are with them: as many as run and may wait.
class WorkerPool {
 public:
  WorkerPool(std::size_t threads, std::size_t max_waiting) : places_{threads + max_waiting}, threads_{threads} {}

  struct Leave {
    void operator()(WorkerPool* pool) const noexcept { pool->taken_.fetch_sub(1); }
  };
  using Place = std::unique_ptr<WorkerPool, Leave>;  ///< given back when it is destroyed

  /// \return null when all places are taken
  [[nodiscard]] Place try_enter() noexcept {
    if (taken_.fetch_add(1) < places_) return Place{this};
    taken_.fetch_sub(1);
    return nullptr;
  }

  /// Waits for what runs and what waits, and ends the threads.
  void join() { threads_.join(); }

  [[nodiscard]] auto executor() noexcept { return threads_.get_executor(); }

 private:
  std::size_t places_;
  std::atomic<std::size_t> taken_ = 0;
  boost::asio::thread_pool threads_;
};

}  // namespace event_draft::server
