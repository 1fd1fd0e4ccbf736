#pragma once

#include <atomic>
#include <coroutine>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include <event_draft/deadline.hpp>
#include <event_draft/result.hpp>

#include "loop.hpp"

namespace event_draft::adapters {

/// What a call comes to, and who waits for it.
template <class T>
struct Answer final : Waiter, std::enable_shared_from_this<Answer<T>> {
  /// A call that another thread makes is either taken by it or dropped by the loop, whichever comes first.
  enum class Stage : std::uint8_t { waits, taken, dropped };

  explicit Answer(Loop& its_loop) noexcept : loop{its_loop} {}

  void await(std::coroutine_handle<> waiting) noexcept { this->waiting_ = waiting; }
  void abandon() noexcept {
    move_on(Stage::waits, Stage::dropped);
    is_abandoned = true;
    this->waiting_ = nullptr;
  }
  void expire() noexcept override {
    move_on(Stage::waits, Stage::dropped);
    set(Error{Errc::deadline_exceeded, {}, stage == Stage::taken ? Certainty::unknown : Certainty::not_applied});
  }
  template <class To>
  void set(To&& to) {
    if (result) return;
    result.emplace(std::forward<To>(to));
    if (this->waiting_) loop.go_on(this->shared_from_this());
  }
  void move_on(Stage from, Stage to) noexcept { stage.compare_exchange_strong(from, to); }

  Loop& loop;
  std::optional<Result<T>> result{};
  std::atomic<Stage> stage = Stage::waits;
  bool is_abandoned = false;
};

template <class T>
class Promise;

/// What an adapter's call gives: to be awaited once, in any coroutine that the loop's thread runs. It need not be awaited:
/// the call goes its way.
template <class T>
class [[nodiscard]] Future {
 public:
  /// Of a call that needs nobody: its answer, an error or else a result, is known.
  explicit Future(Result<T> known) : known_{std::move(known)} {}
  Future(Future&&) noexcept = default;
  Future& operator=(Future&&) = delete;
  ~Future() {
    if (answer_) answer_->abandon();
  }

  [[nodiscard]] bool await_ready() const noexcept { return !answer_ || answer_->result.has_value(); }
  void await_suspend(std::coroutine_handle<> waiting) noexcept { answer_->await(waiting); }
  [[nodiscard]] Result<T> await_resume() { return *std::move(answer_ ? answer_->result : known_); }

 private:
  friend class Promise<T>;

  explicit Future(std::shared_ptr<Answer<T>> answer) noexcept : answer_{std::move(answer)} {}

  std::shared_ptr<Answer<T>> answer_;
  std::optional<Result<T>> known_;
};

/// A call under way, as its adapter holds it: answered once, or by its deadline, whichever comes first. On the loop's thread,
/// where nothing else is said.
template <class T>
class Promise {
 public:
  /// A call that is late fails with `deadline_exceeded`, not applied until the adapter says otherwise.
  Promise(Loop& loop, Deadline deadline) : answer_{std::make_shared<Answer<T>>(loop)} { loop.watch(answer_, deadline); }

  /// Once.
  [[nodiscard]] Future<T> future() const noexcept { return Future<T>{answer_}; }

  /// Does somebody still wait? If not, what was not sent need not be.
  [[nodiscard]] bool is_wanted() const noexcept { return !answer_->result && !answer_->is_abandoned; }

  /// From now on nobody knows what a call that is late has done.
  void is_sent() noexcept { answer_->move_on(Stage::waits, Stage::taken); }

  /// What was sent has certainly done nothing.
  void is_undone() noexcept { answer_->move_on(Stage::taken, Stage::waits); }

  /// `is_sent`, on any thread. False: nobody waits for it, so it must not be sent.
  [[nodiscard]] bool take() noexcept {
    is_sent();
    return !is_dropped();
  }

  /// On any thread: has whoever waited gone, or been told that it is late, before it was sent?
  [[nodiscard]] bool is_dropped() const noexcept { return answer_->stage == Stage::dropped; }

  /// Only the first answer counts.
  void set(Result<T> result) { answer_->set(std::move(result)); }
  void set(const Error& error) { answer_->set(error); }

 private:
  using Stage = typename Answer<T>::Stage;

  std::shared_ptr<Answer<T>> answer_;
};

}  // namespace event_draft::adapters
