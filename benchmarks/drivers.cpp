// Creations over real servers, many at the same time: the service that blocks, a thread for each caller, against the one that
// awaits, all callers on one thread. Misses only; the outbox is on.
//
//   examples/servers/run --redis --postgres --kafka -- build/benchmarks/benchmarks/drivers_benchmark
#include <adapters/kafka/async_kafka_publisher.hpp>
#include <adapters/postgres/async_postgres_draft_repository.hpp>
#include <adapters/redis/async_redis_draft_cache.hpp>
#include <adapters/redis/redis_draft_cache.hpp>
#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <event_draft.hpp>

#include "sample.hpp"

using namespace event_draft;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::chrono::milliseconds warm_up{500};
constexpr std::chrono::milliseconds round_time{3000};
constexpr int rounds = 5;

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  if (value == nullptr) throw std::runtime_error{std::string{name} + " is not set: run this with examples/servers/run"};
  return value;
}

std::int64_t next_user() {
  static std::atomic<std::int64_t> user = std::chrono::system_clock::now().time_since_epoch().count();
  return ++user;
}

CreateEventDraft next_command() {
  CreateEventDraft command = sample::command;
  command.user_id = next_user();
  return command;
}

/// What a request took, or that it went wrong.
class Round {
 public:
  void took(Clock::time_point began, const Result<Receipt>& receipt) {
    const auto now = Clock::now();
    if (began < begins_ || now > ends_) return;
    if (receipt && receipt.assume_value().origin == Origin::created) {
      times_.push_back(std::chrono::duration<double, std::micro>(now - began).count());
    } else {
      ++failed_;
    }
    if (receipt && receipt.assume_value().event != EventDelivery::acknowledged) ++pending_;
  }
  [[nodiscard]] bool goes_on() const { return Clock::now() < ends_; }

  void add(const Round& other) {
    times_.insert(times_.end(), other.times_.begin(), other.times_.end());
    failed_ += other.failed_;
    pending_ += other.pending_;
  }

  [[nodiscard]] double per_second() const {
    return static_cast<double>(times_.size()) / std::chrono::duration<double>(ends_ - begins_).count();
  }
  [[nodiscard]] double quantile(double part) {
    if (times_.empty()) return 0;
    const auto at = times_.begin() + static_cast<std::ptrdiff_t>(part * static_cast<double>(times_.size() - 1));
    std::nth_element(times_.begin(), at, times_.end());
    return *at;
  }
  [[nodiscard]] std::size_t failed() const noexcept { return failed_; }
  [[nodiscard]] std::size_t pending() const noexcept { return pending_; }

 private:
  Clock::time_point begins_ = Clock::now() + warm_up;
  Clock::time_point ends_ = begins_ + round_time;
  std::vector<double> times_{};
  std::size_t failed_ = 0;
  std::size_t pending_ = 0;
};

/// Both ways to the same servers, and the thread that writes down what was published, as a relay would.
class Servers {
 public:
  Round blocking(std::size_t callers) {
    Round all;
    std::vector<Round> of_each(callers, all);
    std::vector<std::thread> threads;
    for (Round& round : of_each) {
      threads.emplace_back([&] {
        while (round.goes_on()) {
          const auto began = Clock::now();
          round.took(began, service_.create_event_draft(next_command()));
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (const Round& round : of_each) all.add(round);
    return all;
  }

  Round awaiting(std::size_t callers) {
    Round round;
    std::deque<Task<void>> tasks;
    for (std::size_t i = 0; i != callers; ++i) tasks.push_back(keep_creating(round));
    for (auto& task : tasks) task.start();
    const auto all_done = [&] { return std::ranges::all_of(tasks, [](const auto& task) { return task.is_done(); }); };
    while (!all_done()) {
      if (context_.stopped()) context_.restart();
      context_.run_for(std::chrono::milliseconds{50});
    }
    return round;
  }

 private:
  Task<void> keep_creating(Round& round) {
    while (round.goes_on()) {
      const auto began = Clock::now();
      const auto receipt = co_await async_service_.create_event_draft(next_command());
      round.took(began, receipt);
    }
  }

  postgres::Config database_{
      .url = environment("EVENT_DRAFT_POSTGRES"), .connections = 64, .prepared_statements = true};
  postgres::Config looped_database_{
      .url = environment("EVENT_DRAFT_POSTGRES"), .connections = 2, .prepared_statements = true};
  static redis::Config redis_config() {
    auto config = redis::parse_url(environment("EVENT_DRAFT_REDIS"));
    config.max_connections = 64;
    return config;
  }

  postgres::PostgresDraftRepository repository_{database_};
  redis::RedisDraftCache cache_{redis_config()};
  kafka::KafkaPublisher publisher_{kafka::Config{.brokers = environment("EVENT_DRAFT_KAFKA")}};
  EventDraftService<decltype(repository_), decltype(cache_), decltype(publisher_)> service_{repository_, cache_,
                                                                                            publisher_};
  boost::asio::io_context context_{1};
  adapters::Loop loop_{context_};
  postgres::AsyncPostgresDraftRepository async_repository_{loop_, looped_database_, repository_};
  redis::AsyncRedisDraftCache async_cache_{loop_, redis_config()};
  kafka::AsyncKafkaPublisher async_publisher_{loop_, publisher_};
  AsyncEventDraftService<decltype(async_repository_), decltype(async_cache_), decltype(async_publisher_)>
      async_service_{async_repository_, async_cache_, async_publisher_};

  std::jthread settles_{[this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      static_cast<void>(repository_.settle({}, Deadline::after(std::chrono::seconds{5})));
      std::this_thread::sleep_for(std::chrono::milliseconds{100});
    }
  }};
};

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace

int main() try {
  std::signal(SIGPIPE, SIG_IGN);
  Servers servers;
  const std::vector<std::pair<const char*, std::function<Round(std::size_t)>>> drivers{
      {"blocking, a thread each", [&](std::size_t callers) { return servers.blocking(callers); }},
      {"awaiting, one thread", [&](std::size_t callers) { return servers.awaiting(callers); }}};
  std::printf("%-26s %8s %12s %9s %9s %9s %7s %8s\n", "creations, all misses", "callers", "a second", "p50 us",
              "p95 us", "p99 us", "failed", "pending");
  for (const std::size_t callers : {1U, 8U, 64U}) {
    struct Figures {
      std::vector<double> per_second{}, p50{}, p95{}, p99{};
      std::size_t failed = 0, pending = 0;
    };
    std::vector<Figures> all(drivers.size());
    for (int i = 0; i != rounds; ++i) {  // interleaved: whatever else the machine does, it does to both
      for (std::size_t d = 0; d != drivers.size(); ++d) {
        Round round = drivers[d].second(callers);
        all[d].per_second.push_back(round.per_second());
        all[d].p50.push_back(round.quantile(0.50));
        all[d].p95.push_back(round.quantile(0.95));
        all[d].p99.push_back(round.quantile(0.99));
        all[d].failed += round.failed();
        all[d].pending += round.pending();
      }
    }
    for (std::size_t d = 0; d != drivers.size(); ++d) {
      const Figures& of = all[d];
      std::printf("%-26s %8zu %12.0f %9.0f %9.0f %9.0f %7zu %8zu\n", drivers[d].first, callers, median(of.per_second),
                  median(of.p50), median(of.p95), median(of.p99), of.failed, of.pending);
    }
    std::fflush(stdout);
  }
  return EXIT_SUCCESS;
} catch (const std::exception& error) {
  std::fprintf(stderr, "drivers_benchmark: %s\n", error.what());
  return EXIT_FAILURE;
}
