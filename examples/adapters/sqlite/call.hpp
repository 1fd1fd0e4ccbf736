#pragma once

#include <atomic>
#include <coroutine>
#include <event_draft/deadline.hpp>
#include <event_draft/result.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "../async/promise.hpp"
#include "mailbox.hpp"

namespace event_draft::sqlite {

class Drafts;

/// A call from an event loop that the writer makes on its own thread. Who waits for it may give up at any time: it is dropped, if
/// the writer has not taken it by then.
class Call {
 public:
  enum class Kind { reads, writes };

  Call(Kind kind, Deadline deadline, std::shared_ptr<Mailbox> mailbox) noexcept
      : kind_{kind}, deadline_{deadline}, mailbox_{std::move(mailbox)} {}
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  virtual ~Call() = default;

  [[nodiscard]] Kind kind() const noexcept { return kind_; }
  [[nodiscard]] Deadline deadline() const noexcept { return deadline_; }
  [[nodiscard]] const std::shared_ptr<Mailbox>& mailbox() const noexcept { return mailbox_; }

  // For any thread.
  [[nodiscard]] bool is_wanted() const noexcept {
    return state_ != State::dropped && !deadline_.expired() && mailbox_->is_open();
  }
  /// From now on it may be applied; false for one that nobody waits for.
  [[nodiscard]] bool take() noexcept { return is_wanted() && leave_for(State::taken); }
  void drop() noexcept { leave_for(State::dropped); }
  [[nodiscard]] bool may_be_applied() const noexcept { return kind_ == Kind::writes && state_ == State::taken; }

  // For the writer's thread.
  /// Whether it has succeeded.
  [[nodiscard]] virtual bool run(Drafts& drafts) noexcept = 0;
  /// What it has come to is lost; one that had failed by itself stays as it is. One that was not run has had no effect.
  virtual void fail(const Error& error) noexcept = 0;

  // For the loop's thread.
  virtual void answer() = 0;
  /// Was the answer there before the deadline?
  [[nodiscard]] bool is_answered() const noexcept { return is_answered_; }

 protected:
  bool is_answered_ = false;

 private:
  enum class State { waits, taken, dropped };

  /// Once; whoever comes later is told whether it went the same way.
  bool leave_for(State to) noexcept {
    State from = State::waits;
    return state_.compare_exchange_strong(from, to) || from == to;
  }

  Kind kind_;
  Deadline deadline_;
  std::shared_ptr<Mailbox> mailbox_;
  std::atomic<State> state_ = State::waits;
};

/// The one that comes to a T, by `work(drafts)`.
template <class T, class Work>
class CallFor final : public Call {
 public:
  CallFor(adapters::Loop& loop, Kind kind, Work work, Deadline deadline, std::shared_ptr<Mailbox> mailbox)
      : Call{kind, deadline, std::move(mailbox)}, work_{std::move(work)}, promise_{loop, deadline} {}

  [[nodiscard]] adapters::Future<T> future() const noexcept { return promise_.future(); }

  bool run(Drafts& drafts) noexcept override {
    is_run_ = true;
    try {
      result_ = work_(drafts);
    } catch (...) {  // out of memory; what it did is undone
      result_ = Errc::storage_unavailable;
    }
    if (result_ && kind() == Kind::writes && deadline().expired()) result_ = Errc::deadline_exceeded;
    return result_.has_value();
  }

  void fail(const Error& error) noexcept override {
    if (!is_run_) {
      result_ = error.code;
    } else if (result_) {
      result_ = error;
    }
  }

  void answer() override {
    if (!promise_.is_wanted()) return;
    is_answered_ = true;
    promise_.set(std::move(result_));
  }

 private:
  Work work_;
  adapters::Promise<T> promise_;
  Result<T> result_ = Errc::deadline_exceeded;  // of one that is not run: it was too late
  bool is_run_ = false;
};

/// What a call gives to its loop: to be awaited once, there.
template <class T>
class [[nodiscard]] Awaited {
 public:
  /// Of a call whose answer is known.
  explicit Awaited(adapters::Future<T> future) noexcept : future_{std::move(future)} {}
  Awaited(adapters::Future<T> future, std::shared_ptr<Call> call) noexcept
      : future_{std::move(future)}, call_{std::move(call)} {}
  Awaited(Awaited&&) noexcept = default;
  Awaited& operator=(Awaited&&) = delete;
  ~Awaited() {
    if (call_) call_->drop();
  }

  [[nodiscard]] bool await_ready() const noexcept { return future_.await_ready(); }
  void await_suspend(std::coroutine_handle<> waiting) noexcept { future_.await_suspend(waiting); }
  [[nodiscard]] Result<T> await_resume() {
    auto result = future_.await_resume();
    if (!call_ || call_->is_answered()) return result;
    call_->drop();  // it is late, and must not be made once that has been told
    if (call_->may_be_applied()) return Error{Errc::deadline_exceeded, {}, Certainty::unknown};
    return result;
  }

 private:
  adapters::Future<T> future_;
  std::shared_ptr<Call> call_ = nullptr;
};

}  // namespace event_draft::sqlite
