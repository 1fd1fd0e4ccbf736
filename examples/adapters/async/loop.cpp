#include "loop.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include <boost/asio/post.hpp>

namespace event_draft::adapters {

void Loop::go_on(std::shared_ptr<Waiter> waiter) noexcept {
  Waiter* const last = waiter.get();
  (first_ ? last_->next_ : first_) = std::move(waiter);
  last_ = last;
  post();
}

void Loop::post() noexcept {
  if (is_posted_) return;
  try {
    boost::asio::post(context_, [this] { let_all_go_on(); });
    is_posted_ = true;
  } catch (const std::exception&) {  // no memory: the next one, or the next tick, tries again
  }
}

/// Those that are there now: who comes meanwhile has the next turn.
void Loop::let_all_go_on() {
  is_posted_ = false;
  Waiter* const last = std::exchange(last_, nullptr);
  auto waiter = std::exchange(first_, nullptr);
  while (waiter) {
    const auto each = std::exchange(waiter, std::move(waiter->next_));
    try {
      each->go_on();
    } catch (...) {  // its own affair, which must not be the others'
      if (waiter) {
        last->next_ = std::move(first_);
        if (last_ == nullptr) last_ = last;
        first_ = std::move(waiter);
        post();
      }
      throw;
    }
  }
}

void Loop::watch(std::weak_ptr<Waiter> waiter, Deadline deadline) {
  if (!is_ticking_) last_tick_ = tick_of(std::chrono::steady_clock::now());
  const std::size_t due = std::max(tick_of(deadline.at()), last_tick_) + 1;
  wheel_[due % wheel_.size()].push_back({std::move(waiter), deadline});
  ++watched_;
  if (!is_ticking_) await_tick();  // if it throws, the next one tries again
}

std::size_t Loop::tick_of(SteadyTime time) noexcept {
  return static_cast<std::size_t>(std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()) / tick);
}

void Loop::await_tick() {
  timer_.expires_at(SteadyTime{tick * static_cast<std::int64_t>(last_tick_ + 1)});
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) on_tick();
  });
  is_ticking_ = true;
}

/// Turns the wheel to now, and lets expire who is due; who has a turn of the wheel more stays.
void Loop::on_tick() {
  is_ticking_ = false;
  const auto now = std::chrono::steady_clock::now();
  const std::size_t ticks = std::min(tick_of(now) - last_tick_, wheel_.size());
  for (std::size_t i = 0; i != ticks; ++i) {
    auto& slot = wheel_[(last_tick_ + 1 + i) % wheel_.size()];
    const auto is_due = [&](const Watched& each) { return each.deadline.expired(now) || each.waiter.expired(); };
    const auto due =
        std::stable_partition(slot.begin(), slot.end(), [&](const Watched& each) { return !is_due(each); });
    for (auto each = due; each != slot.end(); ++each) {
      if (const auto waiter = each->waiter.lock()) waiter->expire();
    }
    watched_ -= static_cast<std::size_t>(slot.end() - due);
    slot.erase(due, slot.end());
  }
  if (first_) post();
  last_tick_ = tick_of(now);
  if (watched_ != 0) await_tick();
}

}  // namespace event_draft::adapters
