#include "async_json_lines_publisher.hpp"

#include <utility>

#include "delivery.hpp"
#include "event_line.hpp"

namespace event_draft::event_log {
namespace {

/// Lines that somebody on the loop waits for.
class Awaited final : public Delivery, public adapters::Letter, public std::enable_shared_from_this<Awaited> {
 public:
  Awaited(std::string lines, Deadline deadline, adapters::Promise<void> promise,
          std::shared_ptr<adapters::Inbox> inbox) noexcept
      : Delivery{std::move(lines)}, deadline_{deadline}, promise_{std::move(promise)}, inbox_{std::move(inbox)} {}

  bool take() noexcept override { return !deadline_.expired() && inbox_->is_open() && promise_.take(); }
  void report(const Result<void>& result) noexcept override {
    result_ = result;
    inbox_->put(shared_from_this());
  }
  void answer() noexcept override { promise_.set(result_); }

 private:
  Deadline deadline_;
  adapters::Promise<void> promise_;
  std::shared_ptr<adapters::Inbox> inbox_;
  Result<void> result_ = Errc::internal_error;
};

}  // namespace

AsyncJsonLinesPublisher::AsyncJsonLinesPublisher(adapters::Loop& loop, JsonLinesPublisher& publisher)
    : loop_{loop}, publisher_{publisher}, inbox_{std::make_shared<adapters::Inbox>(loop.context())} {}

AsyncJsonLinesPublisher::~AsyncJsonLinesPublisher() { inbox_->close(); }

adapters::Future<void> AsyncJsonLinesPublisher::publish(const EventMessage& message, Deadline deadline) {
  return submit(event_line(message), deadline);
}

adapters::Future<void> AsyncJsonLinesPublisher::ready(Deadline deadline) { return submit({}, deadline); }

adapters::Future<void> AsyncJsonLinesPublisher::submit(std::string lines, Deadline deadline) {
  using Future = adapters::Future<void>;
  if (deadline.expired()) return Future{Errc::deadline_exceeded};
  adapters::Promise<void> promise{loop_, deadline};
  auto future = promise.future();
  if (!publisher_.hand_over(std::make_shared<Awaited>(std::move(lines), deadline, std::move(promise), inbox_))) {
    return Future{Errc::publisher_unavailable};
  }
  return future;
}

}  // namespace event_draft::event_log
