#include "async_kafka_publisher.hpp"

#include <utility>

#include "delivery.hpp"

namespace event_draft::kafka {
namespace {

/// An event whose report the loop waits for.
class Awaited final : public Delivery, public adapters::Letter {
 public:
  Awaited(adapters::Promise<void> promise, std::shared_ptr<adapters::Inbox> inbox) noexcept
      : promise_{std::move(promise)}, inbox_{std::move(inbox)} {}

  /// It is the client's until it is reported.
  void expect(std::shared_ptr<Awaited> self) noexcept { self_ = std::move(self); }

  void report(const Result<void>& result) noexcept override {
    result_ = result;
    const auto inbox = inbox_;  // which may let go of this
    inbox->put(std::move(self_));
  }
  void answer() noexcept override { promise_.set(result_); }

 private:
  adapters::Promise<void> promise_;
  std::shared_ptr<adapters::Inbox> inbox_;
  Result<void> result_ = Errc::internal_error;
  std::shared_ptr<Awaited> self_;
};

}  // namespace

AsyncKafkaPublisher::AsyncKafkaPublisher(adapters::Loop& loop, KafkaPublisher& publisher)
    : loop_{loop}, publisher_{publisher}, inbox_{std::make_shared<adapters::Inbox>(loop.context())} {}

AsyncKafkaPublisher::~AsyncKafkaPublisher() { inbox_->close(); }

adapters::Future<void> AsyncKafkaPublisher::publish(const EventMessage& message, Deadline deadline) {
  using Future = adapters::Future<void>;
  if (deadline.expired()) return Future{Errc::deadline_exceeded};
  adapters::Promise<void> promise{loop_, deadline};
  auto future = promise.future();
  promise.is_sent();  // once it is handed over, it may arrive whether or not somebody waits
  const auto awaited = std::make_shared<Awaited>(std::move(promise), inbox_);
  awaited->expect(awaited);
  if (const auto handed = publisher_.hand_over(message, *awaited); !handed) {
    awaited->expect(nullptr);
    return Future{handed};
  }
  return future;
}

}  // namespace event_draft::kafka
