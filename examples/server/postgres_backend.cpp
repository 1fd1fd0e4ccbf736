#include <stdexcept>

#include "server_backends.hpp"

#ifdef EVENT_DRAFT_WITH_POSTGRES

#include <chrono>
#include <numeric>
#include <stop_token>
#include <thread>
#include <vector>

#include "adapters/postgres/async_postgres_draft_repository.hpp"
#include "adapters/postgres/outbox_listener.hpp"
#include "adapters/postgres/postgres_draft_repository.hpp"
#include "adapters/postgres/shown_url.hpp"
#include "backend_metrics.hpp"
#include "bound_backends.hpp"

namespace event_draft::server {
namespace {

class Postgres final : public BoundRepository<postgres::PostgresDraftRepository> {
 public:
  Postgres(const postgres::Config& config, std::size_t thread_connections)
      : BoundRepository{config}, loop_config_{config}, listener_{config.url, config.on_failure} {
    loop_config_.connections = thread_connections;
  }

  [[nodiscard]] std::string_view name() const noexcept override { return "postgres"; }
  [[nodiscard]] Result<void> ready(Deadline deadline) override { return adapter_.ready(deadline); }
  [[nodiscard]] std::unique_ptr<LoopRepository> on(adapters::Loop& loop) override {
    auto on_loop =
        std::make_unique<BoundLoopRepository<postgres::AsyncPostgresDraftRepository>>(loop, loop_config_, adapter_);
    of_loops_.push_back(&on_loop->adapter());
    return on_loop;
  }
  void write_metrics(std::string& out) const override {
    write_sample(out, "gauge", "event_draft_postgres_connections", "Connections to PostgreSQL, but for the listener's.",
                 std::accumulate(of_loops_.begin(), of_loops_.end(), adapter_.connections(),
                                 [](std::size_t sum, const auto* each) { return sum + each->connections(); }));
  }
  void listen(std::function<void()> ring) override {
    ear_ = std::jthread{[this, ring = std::move(ring)](const std::stop_token& stop) {
      constexpr std::chrono::milliseconds between_looks_for_the_end{200};
      while (!stop.stop_requested()) {
        if (listener_.wait(Deadline::after(between_looks_for_the_end))) ring();
      }
    }};
  }

 private:
  postgres::Config loop_config_;
  std::vector<const postgres::AsyncPostgresDraftRepository*> of_loops_{};
  postgres::OutboxListener listener_;
  std::jthread ear_;  // the last, so that it ends before what it uses
};

}  // namespace

std::unique_ptr<RepositoryBackend> make_postgres(const Config& config, FailureHook on_failure) {
  return std::make_unique<Postgres>(postgres::Config{.url = config.postgres,
                                                     .connections = config.postgres_connections,
                                                     .prepared_statements = config.postgres_prepared,
                                                     .gather = config.gather,
                                                     .on_failure = std::move(on_failure)},
                                    config.postgres_thread_connections);
}

std::string shown_postgres(const std::string& url) {
  if (!postgres::is_readable(url))
    throw std::invalid_argument{"the PostgreSQL URL can't be read; what is special in it must be percent-encoded"};
  return postgres::shown_url(url);
}

}  // namespace event_draft::server

#else

namespace event_draft::server {

std::unique_ptr<RepositoryBackend> make_postgres(const Config&, FailureHook) {
  throw std::runtime_error{"this build has no PostgreSQL adapter: libpq-dev was missing"};
}

std::string shown_postgres(const std::string&) { return "(not in this build)"; }

}  // namespace event_draft::server

#endif
