#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace event_draft::sqlite {

class Call;

/// Where the writer's thread leaves the calls of one event loop that it is done with; they are answered in one turn of the loop.
class Mailbox : public std::enable_shared_from_this<Mailbox> {
 public:
  explicit Mailbox(boost::asio::io_context& context) noexcept : context_{context} {}

  /// From any thread. Those that come when it is closed are let go of.
  void put(std::span<std::shared_ptr<Call>> calls);

  /// On the loop's thread: answers what is there. From then on the loop may end.
  void close();
  [[nodiscard]] bool is_open() const noexcept { return is_open_; }

 private:
  void answer_all();

  boost::asio::io_context& context_;
  std::atomic<bool> is_open_ = true;
  std::mutex mutex_;
  std::vector<std::shared_ptr<Call>> calls_;
  bool is_posted_ = false;
};

}  // namespace event_draft::sqlite
