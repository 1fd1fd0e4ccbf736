#include "producer.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "delivery_error.hpp"

namespace event_draft::kafka {
namespace {

constexpr std::chrono::milliseconds longest_poll{50};  // how long a stop may have to wait
constexpr std::chrono::seconds between_rebuilds{1};
constexpr int warning = 4;  // as syslog counts

std::chrono::milliseconds milliseconds(Deadline deadline) {
  constexpr std::chrono::milliseconds most = std::chrono::hours{1};  // librdkafka counts in int
  return std::min(
      std::chrono::ceil<std::chrono::milliseconds>(std::min<std::chrono::nanoseconds>(deadline.remaining(), most)),
      most);
}

}  // namespace

Producer::Producer(Config config)
    : config_{std::move(config)}, client_{std::make_shared<Client>(config_, callbacks())}, thread_{[this] { run(); }} {
  // The thread may already put another client in its place.
  if (config_.warm_up.count() > 0) static_cast<void>(client()->ready(config_.warm_up));
}

Producer::~Producer() {
  stopping_ = true;
  thread_.join();
}

std::shared_ptr<Client> Producer::client() const {
  const std::lock_guard lock{mutex_};
  return client_;
}

Callbacks Producer::callbacks() noexcept { return {on_delivered, on_failed, on_counted, on_logged, this}; }

Result<void> Producer::ready(Deadline deadline) {
  if (deadline.expired()) return Errc::deadline_exceeded;
  return client()->ready(milliseconds(deadline));
}

Statistics Producer::statistics() const {
  const std::lock_guard lock{mutex_};
  return {acknowledged_, rejected_, undelivered_, unknown_, rebuilds_, client_->waiting(), client_statistics_};
}

void Producer::run() noexcept {
  while (!stopping_) {
    client_->poll(longest_poll);  // this thread alone writes it
    try {
      replace_broken();
    } catch (const std::exception& error) {  // too few descriptors, say
      config_.on_failure(error.what());
    }
    see_off_broken();
  }
  close();
}

void Producer::replace_broken() {
  const auto now = std::chrono::steady_clock::now();
  if (!client_->is_broken() || now < replaces_at_) return;
  replaces_at_ = now + between_rebuilds;
  auto fresh = std::make_shared<Client>(config_, callbacks());
  broken_.reserve(broken_.size() + 1);
  {
    const std::lock_guard lock{mutex_};
    std::swap(client_, fresh);
    client_statistics_ = {};
  }
  ++rebuilds_;
  fresh->give_up();
  broken_.push_back(std::move(fresh));
}

void Producer::see_off_broken() noexcept {
  for (const auto& each : broken_) each->poll(std::chrono::milliseconds{0});
  // Their threads are woken to end, so this takes a moment; only a name server that hangs holds it up, for as long as the
  // resolver waits. Callers keep to their deadlines meanwhile.
  std::erase_if(broken_, [](const auto& each) { return each.use_count() == 1 && each->waiting() == 0; });
}

void Producer::close() noexcept {
  client_->flush(config_.flush);
  client_->give_up();
  constexpr std::chrono::milliseconds reports{500};  // of what was given up
  client_->flush(reports);
  for (const auto& each : broken_) each->flush(reports);
  see_off_broken();
}

void Producer::on_delivered(rd_kafka_t*, const rd_kafka_message_t* message, void* self) noexcept {
  const auto result = delivery_result(message->err, rd_kafka_message_status(message));
  static_cast<Producer*>(self)->count(result);
  static_cast<Delivery*>(message->_private)->report(result);
}

void Producer::count(const Result<void>& delivered) noexcept {
  if (delivered) {
    ++acknowledged_;
  } else if (delivered.assume_error() == Errc::event_rejected) {
    ++rejected_;
  } else {
    ++(delivered.assume_error().certainty == Certainty::unknown ? unknown_ : undelivered_);
  }
}

void Producer::on_failed(rd_kafka_t* handle, int error, const char* reason, void* self) noexcept try {
  auto& producer = *static_cast<Producer*>(self);
  const auto code = static_cast<rd_kafka_resp_err_t>(error);
  if (code == RD_KAFKA_RESP_ERR__FATAL) {
    producer.config_.on_failure(fmt::format("a new Kafka client is made after: {}", Client::fatal_reason(handle)));
  } else {
    producer.config_.on_failure(fmt::format("Kafka: {}: {}", rd_kafka_err2str(code), reason));
  }
} catch (const std::exception&) {  // no memory to tell it with
}

int Producer::on_counted(rd_kafka_t*, char* json, std::size_t length, void* self) noexcept try {
  auto& producer = *static_cast<Producer*>(self);
  const auto read = parse_statistics({json, length});
  const std::lock_guard lock{producer.mutex_};
  producer.client_statistics_ = read;
  return 0;
} catch (const std::exception&) {
  return 0;  // librdkafka frees the text
}

void Producer::on_logged(const rd_kafka_t* handle, int level, const char* facility, const char* text) noexcept try {
  if (level > warning) return;
  static_cast<Producer*>(rd_kafka_opaque(handle))->config_.on_failure(fmt::format("Kafka: {}: {}", facility, text));
} catch (const std::exception&) {
}

}  // namespace event_draft::kafka
