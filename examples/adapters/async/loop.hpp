#pragma once

#include <array>
#include <chrono>
#include <coroutine>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <event_draft/deadline.hpp>

namespace event_draft::adapters {

/// A coroutine that waits for an adapter, or no longer does.
class Waiter {
 public:
  Waiter() = default;
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  virtual ~Waiter() = default;

  /// The time is over; nothing, if what it waits for is there.
  virtual void expire() noexcept = 0;
  /// Goes on, if it still waits. Whoever goes on handles what it throws.
  void go_on() {
    if (const auto waiting = std::exchange(waiting_, nullptr)) waiting.resume();
  }

 protected:
  std::coroutine_handle<> waiting_ = nullptr;

 private:
  friend class Loop;
  std::shared_ptr<Waiter> next_ = nullptr;  ///< of those that are to go on
};

/// What the adapters of one thread share: its event loop, who goes on in it, and who has to be answered by when. For this one
/// thread alone, which runs the context. It must outlive what waits, and the context does not run after it has ended.
class Loop {
 public:
  /// Who waits past a deadline is told within this time.
  static constexpr std::chrono::milliseconds tick{4};

  explicit Loop(boost::asio::io_context& context) : context_{context}, timer_{context} {}
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop() {
    while (first_) first_ = std::exchange(first_->next_, nullptr);  // one by one: they may be many
  }

  [[nodiscard]] boost::asio::io_context& context() noexcept { return context_; }

  /// Lets it go on in the next turn of the loop: whoever says so is in the middle of something.
  void go_on(std::shared_ptr<Waiter> waiter) noexcept;

  /// Lets it expire when the deadline has passed.
  void watch(std::weak_ptr<Waiter> waiter, Deadline deadline);

 private:
  struct Watched {
    std::weak_ptr<Waiter> waiter;
    Deadline deadline;
  };

  void post() noexcept;
  void let_all_go_on();
  void await_tick();
  void on_tick();
  [[nodiscard]] static std::size_t tick_of(SteadyTime time) noexcept;

  boost::asio::io_context& context_;
  boost::asio::steady_timer timer_;
  std::shared_ptr<Waiter> first_;  // of those that are to go on, in their order
  Waiter* last_ = nullptr;
  bool is_posted_ = false;
  std::array<std::vector<Watched>, 256> wheel_;  ///< by the tick after their deadline, modulo its size
  std::size_t watched_ = 0;
  std::size_t last_tick_ = 0;
  bool is_ticking_ = false;
};

}  // namespace event_draft::adapters
