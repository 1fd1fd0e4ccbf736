#include "relay_thread.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace event_draft::server {
namespace {

SteadyTime now() noexcept { return std::chrono::steady_clock::now(); }

}  // namespace

RelayThread::RelayThread(RelayBell& bell, RelayTasks tasks)
    : bell_{bell}, tasks_{std::move(tasks)}, thread_{[this] { run(); }} {}

void RelayThread::stop() noexcept {
  if (!thread_.joinable()) return;
  bell_.close();
  thread_.join();
}

void RelayThread::run() noexcept {
  constexpr std::chrono::milliseconds gathering{10};  // so that a pass that was rung for takes what comes with it
  constexpr std::chrono::seconds between_looks{1};
  constexpr int most_share = 20;  // of the time that a look takes: a large outbox is looked at less often
  SteadyTime last_pass = SteadyTime::min();
  SteadyTime next_pass = SteadyTime::min();
  SteadyTime next_look = SteadyTime::min();
  while (!bell_.is_closed()) {
    if (bell_.heard()) next_pass = std::min(next_pass, last_pass + gathering);
    if (now() >= next_pass) {
      const RelayPass pass = tasks_.pass();
      last_pass = now();
      next_pass = last_pass + pass.wait;
    }
    if (const SteadyTime began = now(); began >= next_look) {
      tasks_.look();
      next_look = now() + std::max<SteadyTime::duration>(between_looks, most_share * (now() - began));
    }
    bell_.wait_until(std::min(next_pass, next_look));
  }
  static_cast<void>(tasks_.pass());
  tasks_.look();
}

}  // namespace event_draft::server
