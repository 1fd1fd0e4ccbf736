#pragma once

#include <chrono>
#include <event_draft/async_controller.hpp>
#include <event_draft/async_service.hpp>
#include <memory>

#include "backends.hpp"
#include "driver.hpp"

namespace event_draft::server {

// Each its own time, so that one that hangs says nothing of the others.
inline constexpr std::chrono::milliseconds repository_ready_time{250};
inline constexpr std::chrono::milliseconds cache_ready_time{50};
inline constexpr std::chrono::milliseconds publisher_ready_time{200};

/// Ports that are awaited: the loop goes on with other requests meanwhile.
template <class Observers>
class AwaitingDriver final : public Driver {
 public:
  AwaitingDriver(adapters::Loop& loop, WorkerPool& workers, RepositoryBackend& repository, CacheBackend& cache,
                 PublisherBackend& publisher, const Options& options, Observers& observers)
      : Driver{loop, workers},
        publisher_backend_{publisher},
        repository_{repository.on(loop)},
        cache_{cache.on(loop)},
        publisher_{publisher.on(loop)},
        service_{*repository_, *cache_, *publisher_, options, system_clock, observers} {}

  Task<ApiResponse> create(ApiRequest request) override { return controller_.create(request); }
  Task<ApiResponse> find(std::string_view draft_id, std::string_view user_id, ApiRequest request) override {
    return controller_.find(draft_id, user_id, request);
  }
  Task<ApiResponse> approve(std::string_view draft_id, std::string_view user_id, ApiRequest request) override {
    return controller_.approve(draft_id, user_id, request);
  }

  Task<Readiness> ready() override {
    const auto repository = co_await repository_->ready(Deadline::after(repository_ready_time));
    const auto cache = co_await cache_->ready(Deadline::after(cache_ready_time));
    Result<void> publisher = Errc::deadline_exceeded;
    try {
      publisher = co_await on_worker([this] {  // the process's own, which can only be asked so
        return publisher_backend_.ready(Deadline::after(publisher_ready_time));
      });
    } catch (const NoWorker&) {  // which says nothing of the others
    }
    co_return Readiness{repository, cache, publisher};
  }

 private:
  PublisherBackend& publisher_backend_;
  std::unique_ptr<LoopRepository> repository_;
  std::unique_ptr<LoopCache> cache_;
  std::unique_ptr<LoopPublisher> publisher_;
  AsyncEventDraftService<LoopRepository, LoopCache, LoopPublisher, const SystemClock, Observers> service_;
  AsyncEventController<decltype(service_)> controller_{service_};
};

/// Ports that block, on worker threads.
template <class Service>
class BlockingDriver final : public Driver {
 public:
  BlockingDriver(adapters::Loop& loop, WorkerPool& workers, RepositoryBackend& repository, CacheBackend& cache,
                 PublisherBackend& publisher, Service& service)
      : Driver{loop, workers}, repository_{repository}, cache_{cache}, publisher_{publisher}, controller_{service} {}

  Task<ApiResponse> create(ApiRequest request) override {
    return on_worker([this, request] { return controller_.create(request); });
  }
  Task<ApiResponse> find(std::string_view draft_id, std::string_view user_id, ApiRequest request) override {
    return on_worker([=, this] { return controller_.find(draft_id, user_id, request); });
  }
  Task<ApiResponse> approve(std::string_view draft_id, std::string_view user_id, ApiRequest request) override {
    return on_worker([=, this] { return controller_.approve(draft_id, user_id, request); });
  }

  Task<Readiness> ready() override {
    return on_worker([this] {
      return Readiness{.repository = repository_.ready(Deadline::after(repository_ready_time)),
                       .cache = cache_.ready(Deadline::after(cache_ready_time)),
                       .publisher = publisher_.ready(Deadline::after(publisher_ready_time))};
    });
  }

 private:
  RepositoryBackend& repository_;
  CacheBackend& cache_;
  PublisherBackend& publisher_;
  EventController<Service> controller_;
};

}  // namespace event_draft::server
