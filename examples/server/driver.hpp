#pragma once

#include <event_draft/controller.hpp>
#include <event_draft/task.hpp>
#include <string_view>
#include <utility>

#include "adapters/async/loop.hpp"
#include "http/worker_pool.hpp"

namespace event_draft::server {

/// Whether each backend can be used now.
struct Readiness {
  Result<void> repository;
  Result<void> cache;
  Result<void> publisher;
};

/// How the requests of one event loop get to the ports. All on the loop's thread; what a call is given lives until it has ended. They throw
/// `NoWorker`.
class Driver {
 public:
  virtual ~Driver() = default;

  // `EventController`'s.
  [[nodiscard]] virtual Task<ApiResponse> create(ApiRequest request) = 0;
  [[nodiscard]] virtual Task<ApiResponse> find(std::string_view draft_id, std::string_view user_id,
                                               ApiRequest request) = 0;
  [[nodiscard]] virtual Task<ApiResponse> approve(std::string_view draft_id, std::string_view user_id,
                                                  ApiRequest request) = 0;

  [[nodiscard]] virtual Task<Readiness> ready() = 0;

  /// For what only blocks, whichever the driver.
  template <class Work>
  [[nodiscard]] auto on_worker(Work work) {
    return workers_.run(loop_.context(), std::move(work));
  }

 protected:
  Driver(adapters::Loop& loop, WorkerPool& workers) noexcept : loop_{loop}, workers_{workers} {}

 private:
  adapters::Loop& loop_;
  WorkerPool& workers_;
};

}  // namespace event_draft::server
