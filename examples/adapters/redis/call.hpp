#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <adapters/async/promise.hpp>

#include "commands.hpp"
#include "replies.hpp"

// What is asked of a connection that many callers share.
namespace event_draft::redis {

/// Commands that are sent together, and who hears what their replies come to.
class Call {
 public:
  explicit Call(Commands commands) : commands_{std::move(commands)}, replies_left_{commands_.count()} {}
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  virtual ~Call() = default;

  [[nodiscard]] const std::string& bytes() const noexcept { return commands_.bytes(); }
  /// The reply to its next command; false if it is of a kind that does not belong to that.
  [[nodiscard]] bool take(const redisReply& reply) {
    if (!accept(reply)) return false;
    count_reply();
    return true;
  }
  /// The server refused its next command. The others' replies still come.
  void take_refusal() {
    fail();
    count_reply();
  }
  [[nodiscard]] bool is_over() const noexcept { return replies_left_ == 0; }

  [[nodiscard]] virtual bool is_wanted() const noexcept = 0;
  virtual void is_sent() noexcept {}
  /// The cache can't do its part.
  virtual void fail() = 0;

 protected:
  [[nodiscard]] std::size_t replies_left() const noexcept { return replies_left_; }

 private:
  virtual bool accept(const redisReply& reply) = 0;
  /// All replies are there; heard only if none of them was a refusal.
  virtual void succeed() = 0;

  void count_reply() {
    if (--replies_left_ == 0) succeed();
  }

  Commands commands_;
  std::size_t replies_left_;
};

/// A call with a caller, who may have gone.
template <class T>
class CallOf : public Call {
 public:
  CallOf(Commands commands, adapters::Promise<T> promise) : Call{std::move(commands)}, promise_{std::move(promise)} {}

  [[nodiscard]] bool is_wanted() const noexcept override { return promise_.is_wanted(); }
  void fail() override { promise_.set(Error{Errc::cache_unavailable, {}, certainty_}); }

 protected:
  adapters::Promise<T> promise_;
  Certainty certainty_ = Certainty::not_applied;
};

/// GET. A read has no effect to be in doubt of, sent or not.
class GetCall final : public CallOf<std::optional<std::string>> {
 public:
  using CallOf::CallOf;

 private:
  bool accept(const redisReply& reply) override {
    auto value = value_of(reply);
    if (!value) return false;
    found_ = std::move(value).assume_value();
    return true;
  }
  void succeed() override { promise_.set(std::move(found_)); }

  std::optional<std::string> found_;
};

/// SET, as often as there are values.
class SetCall final : public CallOf<void> {
 public:
  using CallOf::CallOf;

  void is_sent() noexcept override {
    promise_.is_sent();
    certainty_ = Certainty::unknown;
  }

 private:
  bool accept(const redisReply& reply) override { return is_status(reply, "OK"); }
  void succeed() override { promise_.set(success()); }
};

class PingCall final : public CallOf<void> {
 public:
  using CallOf::CallOf;

 private:
  bool accept(const redisReply& reply) override { return is_status(reply, "PONG"); }
  void succeed() override { promise_.set(success()); }
};

}  // namespace event_draft::redis
