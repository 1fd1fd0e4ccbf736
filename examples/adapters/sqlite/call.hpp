#pragma once

#include <event_draft/deadline.hpp>
#include <event_draft/result.hpp>
#include <memory>
#include <utility>

#include "../async/inbox.hpp"
#include "../async/promise.hpp"

namespace event_draft::sqlite {

class Drafts;

/// A call from an event loop that the writer makes on its own thread. Who waits for it may give up at any time: it is dropped, if
/// the writer has not taken it by then.
class Call : public adapters::Letter {
 public:
  enum class Kind { reads, writes };

  Call(Kind kind, Deadline deadline, std::shared_ptr<adapters::Inbox> inbox) noexcept
      : kind_{kind}, deadline_{deadline}, inbox_{std::move(inbox)} {}

  [[nodiscard]] Kind kind() const noexcept { return kind_; }
  [[nodiscard]] Deadline deadline() const noexcept { return deadline_; }
  [[nodiscard]] const std::shared_ptr<adapters::Inbox>& inbox() const noexcept { return inbox_; }

  // For the writer's thread.
  [[nodiscard]] virtual bool is_wanted() const noexcept = 0;
  /// From now on it may be applied; false for one that nobody waits for.
  [[nodiscard]] virtual bool take() noexcept = 0;
  /// Whether it has succeeded.
  [[nodiscard]] virtual bool run(Drafts& drafts) noexcept = 0;
  /// What it has come to is lost; one that had failed by itself stays as it is. One that was not run has had no effect.
  virtual void fail(const Error& error) noexcept = 0;

 private:
  Kind kind_;
  Deadline deadline_;
  std::shared_ptr<adapters::Inbox> inbox_;
};

/// The one that comes to a T, by `work(drafts)`.
template <class T, class Work>
class CallFor final : public Call {
 public:
  CallFor(adapters::Loop& loop, Kind kind, Work work, Deadline deadline, std::shared_ptr<adapters::Inbox> inbox)
      : Call{kind, deadline, std::move(inbox)}, work_{std::move(work)}, promise_{loop, deadline} {}

  [[nodiscard]] adapters::Future<T> future() const noexcept { return promise_.future(); }

  bool is_wanted() const noexcept override {
    return !deadline().expired() && inbox()->is_open() && !promise_.is_dropped();
  }
  bool take() noexcept override { return is_wanted() && (kind() == Kind::reads || promise_.take()); }

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

  void answer() noexcept override { promise_.set(std::move(result_)); }

 private:
  Work work_;
  adapters::Promise<T> promise_;
  Result<T> result_ = Errc::deadline_exceeded;  // of one that is not run: it was too late
  bool is_run_ = false;
};

}  // namespace event_draft::sqlite
