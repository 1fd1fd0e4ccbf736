#include "async_kafka_publisher.hpp"

#include <boost/asio/post.hpp>
#include <mutex>
#include <new>
#include <utility>

#include "delivery.hpp"

namespace event_draft::kafka {

/// An event whose report the loop waits for.
class AsyncKafkaPublisher::Awaited final : public Delivery {
 public:
  Awaited(adapters::Promise<void> its_promise, std::shared_ptr<Inbox> its_inbox) noexcept
      : promise{std::move(its_promise)}, inbox{std::move(its_inbox)} {}

  void report(const Result<void>& reported) noexcept override;

  adapters::Promise<void> promise;
  std::shared_ptr<Inbox> inbox;
  Result<void> result = Errc::internal_error;
  std::unique_ptr<Awaited> next;
};

/// What was reported and the loop has not heard yet: what comes in one go takes one turn of the loop.
class AsyncKafkaPublisher::Inbox : public std::enable_shared_from_this<Inbox> {
 public:
  explicit Inbox(boost::asio::io_context& context) noexcept : context_{&context} {}
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;
  ~Inbox() {
    while (first_) first_ = std::move(first_->next);  // one by one: the list may be long
  }

  /// On the client's thread.
  void put(std::unique_ptr<Awaited> reported) noexcept {
    const std::lock_guard lock{mutex_};
    if (context_ == nullptr) return;  // nobody is left to hear it
    reported->next = std::move(first_);
    first_ = std::move(reported);
    if (is_posted_) return;
    try {
      boost::asio::post(*context_, [inbox = shared_from_this()] { inbox->empty(); });
      is_posted_ = true;
    } catch (const std::bad_alloc&) {  // the next report tries again; whoever waits has a deadline
    }
  }

  void close() noexcept {
    const std::lock_guard lock{mutex_};
    context_ = nullptr;
  }

 private:
  /// On the loop's thread.
  void empty() {
    std::unique_ptr<Awaited> all;
    {
      const std::lock_guard lock{mutex_};
      all = std::move(first_);
      is_posted_ = false;
    }
    std::unique_ptr<Awaited> in_order;  // they were put before each other
    while (all) {
      auto next = std::move(all->next);
      all->next = std::move(in_order);
      in_order = std::exchange(all, std::move(next));
    }
    for (; in_order; in_order = std::move(in_order->next)) in_order->promise.set(in_order->result);
  }

  std::mutex mutex_;
  boost::asio::io_context* context_;
  std::unique_ptr<Awaited> first_;
  bool is_posted_ = false;
};

void AsyncKafkaPublisher::Awaited::report(const Result<void>& reported) noexcept {
  result = reported;
  const auto to = std::move(inbox);
  to->put(std::unique_ptr<Awaited>{this});
}

AsyncKafkaPublisher::AsyncKafkaPublisher(adapters::Loop& loop, KafkaPublisher& publisher)
    : loop_{loop}, publisher_{publisher}, inbox_{std::make_shared<Inbox>(loop.context())} {}

AsyncKafkaPublisher::~AsyncKafkaPublisher() { inbox_->close(); }

adapters::Future<void> AsyncKafkaPublisher::publish(const EventMessage& message, Deadline deadline) {
  using Promise = adapters::Promise<void>;
  if (deadline.expired()) return Promise::answered(loop_, Errc::deadline_exceeded);
  Promise promise{loop_, deadline};
  auto future = promise.future();
  auto awaited = std::make_unique<Awaited>(promise, inbox_);
  promise.is_sent();  // once it is handed over, it may arrive whether or not somebody waits
  if (const auto handed = publisher_.hand_over(message, *awaited); handed) {
    static_cast<void>(awaited.release());  // the report's, which may be there already
  } else {
    promise.set(handed);
  }
  return future;
}

}  // namespace event_draft::kafka
