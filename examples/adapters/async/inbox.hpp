#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include <boost/asio/io_context.hpp>

namespace event_draft::adapters {

/// A loop's call that another thread is done with.
class Letter {
 public:
  Letter() = default;
  Letter(const Letter&) = delete;
  Letter& operator=(const Letter&) = delete;
  virtual ~Letter() = default;

  /// On the loop's thread.
  virtual void answer() noexcept = 0;

 private:
  friend class Inbox;
  std::shared_ptr<Letter> next_ = nullptr;
};

/// Where other threads leave what an event loop is to hear. What is there at the same time takes one turn of the loop.
class Inbox : public std::enable_shared_from_this<Inbox> {
 public:
  explicit Inbox(boost::asio::io_context& context) noexcept : context_{context} {}

  /// On any thread. What comes when it is closed is let go of.
  void put(std::shared_ptr<Letter> letter) noexcept;

  /// On the loop's thread: answers what is there. From then on the loop may end.
  void close() noexcept;
  [[nodiscard]] bool is_open() const noexcept { return is_open_; }

 private:
  void answer_all() noexcept;

  boost::asio::io_context& context_;
  std::atomic<bool> is_open_ = true;
  std::mutex mutex_;
  std::shared_ptr<Letter> first_;
  Letter* last_ = nullptr;
  bool is_posted_ = false;
};

}  // namespace event_draft::adapters
