#pragma once

#include <coroutine>
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
  explicit Answer(Loop& its_loop) noexcept : loop{its_loop} {}

  void await(std::coroutine_handle<> waiting) noexcept { this->waiting_ = waiting; }
  void abandon() noexcept {
    is_abandoned = true;
    this->waiting_ = nullptr;
  }
  void expire() noexcept override { set(Error{Errc::deadline_exceeded, {}, certainty_if_late}); }
  template <class To>
  void set(To&& to) {
    if (result) return;
    result.emplace(std::forward<To>(to));
    if (this->waiting_) loop.go_on(this->shared_from_this());
  }

  Loop& loop;
  std::optional<Result<T>> result{};
  Certainty certainty_if_late = Certainty::not_applied;
  bool is_abandoned = false;
};

template <class T>
class Promise;

/// What an adapter's call gives: to be awaited once, in any coroutine that the loop's thread runs. It need not be awaited:
/// the call goes its way.
template <class T>
class [[nodiscard]] Future {
 public:
  Future(Future&&) noexcept = default;
  Future& operator=(Future&&) = delete;
  ~Future() {
    if (answer_) answer_->abandon();
  }

  [[nodiscard]] bool await_ready() const noexcept { return answer_->result.has_value(); }
  void await_suspend(std::coroutine_handle<> waiting) noexcept { answer_->await(waiting); }
  [[nodiscard]] Result<T> await_resume() { return *std::move(answer_->result); }

 private:
  friend class Promise<T>;

  explicit Future(std::shared_ptr<Answer<T>> answer) noexcept : answer_{std::move(answer)} {}

  std::shared_ptr<Answer<T>> answer_;
};

/// A call under way, as its adapter holds it: answered once, or by its deadline, whichever comes first. On the loop's thread.
template <class T>
class Promise {
 public:
  /// A call that is late fails with `deadline_exceeded`, not applied until the adapter says otherwise.
  Promise(Loop& loop, Deadline deadline) : answer_{std::make_shared<Answer<T>>(loop)} { loop.watch(answer_, deadline); }

  /// A call that needs nobody: its answer, an error or else a result, is known.
  template <class Known>
  [[nodiscard]] static Future<T> answered(Loop& loop, Known&& known) {
    auto answer = std::make_shared<Answer<T>>(loop);
    answer->result.emplace(std::forward<Known>(known));
    return Future<T>{std::move(answer)};
  }

  /// Once.
  [[nodiscard]] Future<T> future() const noexcept { return Future<T>{answer_}; }

  /// Does somebody still wait? If not, what was not sent need not be.
  [[nodiscard]] bool is_wanted() const noexcept { return !answer_->result && !answer_->is_abandoned; }

  /// From now on nobody knows what a call that is late has done.
  void is_sent() noexcept { answer_->certainty_if_late = Certainty::unknown; }

  /// What was sent has certainly done nothing.
  void is_undone() noexcept { answer_->certainty_if_late = Certainty::not_applied; }

  /// Only the first answer counts.
  void set(Result<T> result) { answer_->set(std::move(result)); }
  void set(const Error& error) { answer_->set(error); }

 private:
  std::shared_ptr<Answer<T>> answer_;
};

}  // namespace event_draft::adapters
