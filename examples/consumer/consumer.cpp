#include "consumer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <event_draft/event_message.hpp>
#include <memory>
#include <span>
#include <utility>

namespace event_draft::consumer {
namespace {

// A broker that hangs does not keep the program from ending.
constexpr int longest_answer = 2'000;  // milliseconds
constexpr std::chrono::seconds longest_leave{4};
constexpr int between_looks = 100;  // milliseconds

struct MessageDeleter {
  void operator()(rd_kafka_message_t* message) const noexcept { rd_kafka_message_destroy(message); }
};
struct PartitionsDeleter {
  void operator()(rd_kafka_topic_partition_list_t* list) const noexcept { rd_kafka_topic_partition_list_destroy(list); }
};
using Partitions = std::unique_ptr<rd_kafka_topic_partition_list_t, PartitionsDeleter>;
struct QueueDeleter {
  void operator()(rd_kafka_queue_t* queue) const noexcept { rd_kafka_queue_destroy(queue); }
};
using Queue = std::unique_ptr<rd_kafka_queue_t, QueueDeleter>;
struct EventDeleter {
  void operator()(rd_kafka_event_t* event) const noexcept { rd_kafka_event_destroy(event); }
};
struct ErrorDeleter {
  void operator()(rd_kafka_error_t* error) const noexcept { rd_kafka_error_destroy(error); }
};

std::span<rd_kafka_topic_partition_t> elements(rd_kafka_topic_partition_list_t& list) {
  return {list.elems, static_cast<std::size_t>(list.cnt)};
}

std::string_view view(const void* data, std::size_t size) {
  return data == nullptr ? std::string_view{} : std::string_view{static_cast<const char*>(data), size};
}

/// Views into the message.
Record record_of(const rd_kafka_message_t& message) {
  Record record{view(message.payload, message.len), {}};
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return record;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i) {
    record.headers.emplace_back(name, view(value, size));
  }
  return record;
}

/// As `rd_kafka_commit`, which would wait for as long as the broker hangs.
rd_kafka_resp_err_t commit_soon(rd_kafka_t* client, const rd_kafka_topic_partition_list_t& read) {
  const Queue answers{rd_kafka_queue_new(client)};
  const auto asked = rd_kafka_commit_queue(client, &read, answers.get(), nullptr, nullptr);
  if (asked != RD_KAFKA_RESP_ERR_NO_ERROR) return asked;
  const std::unique_ptr<rd_kafka_event_t, EventDeleter> answer{rd_kafka_queue_poll(answers.get(), longest_answer)};
  return answer ? rd_kafka_event_error(answer.get()) : RD_KAFKA_RESP_ERR__TIMED_OUT;
}

/// As `rd_kafka_consumer_close`, but only for a while; whether that was enough.
bool close_soon(rd_kafka_t* client) noexcept {
  const auto until = std::chrono::steady_clock::now() + longest_leave;
  const Queue callbacks{rd_kafka_queue_new(client)};
  const std::unique_ptr<rd_kafka_error_t, ErrorDeleter> refused{rd_kafka_consumer_close_queue(client, callbacks.get())};
  if (refused) return false;
  while (rd_kafka_consumer_closed(client) == 0 && std::chrono::steady_clock::now() < until) {
    rd_kafka_queue_poll_callback(callbacks.get(), between_looks);
  }
  return rd_kafka_consumer_closed(client) != 0;
}

/// Partitions are taken and given back as a whole here, which cooperative members do not do.
void refuse_cooperation(const rd_kafka_conf_t* conf) {
  char strategies[256];
  std::size_t size = sizeof strategies;
  const auto found = rd_kafka_conf_get(conf, "partition.assignment.strategy", strategies, &size);
  if (found != RD_KAFKA_CONF_OK || std::string_view{strategies}.find("cooperative") != std::string_view::npos) {
    throw kafka::ConfigError{"the Kafka property partition.assignment.strategy can't be cooperative-sticky here"};
  }
}

Partitions assignment_of(rd_kafka_t* client) {
  rd_kafka_topic_partition_list_t* assigned = nullptr;
  rd_kafka_assignment(client, &assigned);
  return Partitions{assigned};
}

}  // namespace

Consumer::Consumer(const std::string& brokers, const std::string& group, const std::vector<kafka::Property>& properties,
                   Offsets offsets, Handlers handlers)
    : offsets_{std::move(offsets)}, handlers_{std::move(handlers)}, topic_{event_topic} {
  std::vector<kafka::Property> all{{"bootstrap.servers", brokers},
                                   {"group.id", group},
                                   {"client.id", "event-draft-analytics"},
                                   {"auto.offset.reset", "earliest"},
                                   {"session.timeout.ms", "10000"},
                                   {"reconnect.backoff.max.ms", "1000"},
                                   {"log_level", "0"}};  // what matters comes as an error
  all.insert(all.end(), properties.begin(), properties.end());
  all.emplace_back("enable.auto.commit", "false");  // what is committed was counted
  kafka::Conf conf{rd_kafka_conf_new()};
  for (const auto& property : all) kafka::set_property(conf.get(), property);
  refuse_cooperation(conf.get());
  rd_kafka_conf_set_opaque(conf.get(), this);
  rd_kafka_conf_set_rebalance_cb(conf.get(), on_rebalance);
  rd_kafka_conf_set_error_cb(conf.get(), on_error);
  char reason[512];
  client_ = rd_kafka_new(RD_KAFKA_CONSUMER, conf.get(), reason, sizeof reason);
  if (client_ == nullptr) throw kafka::ConfigError{fmt::format("Kafka's client can't be made: {}", reason)};
  static_cast<void>(conf.release());  // it is the client's now
  rd_kafka_poll_set_consumer(client_);
  const Partitions wanted{rd_kafka_topic_partition_list_new(1)};
  rd_kafka_topic_partition_list_add(wanted.get(), topic_.c_str(), RD_KAFKA_PARTITION_UA);
  rd_kafka_subscribe(client_, wanted.get());
}

Consumer::~Consumer() { leave(); }

bool Consumer::leave() noexcept {
  if (client_ == nullptr) return left_;
  left_ = answers_ && close_soon(client_);
  if (left_) rd_kafka_destroy(client_);
  client_ = nullptr;
  return left_;
}

bool Consumer::poll(std::chrono::milliseconds most) {
  if (rebalance_failure_) std::rethrow_exception(rebalance_failure_);
  const std::unique_ptr<rd_kafka_message_t, MessageDeleter> message{
      rd_kafka_consumer_poll(client_, static_cast<int>(most.count()))};
  if (message && message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    handle(*message);
  } else if (message) {
    handlers_.on_failure(fmt::format("Kafka: {}", rd_kafka_message_errstr(message.get())));
  }
  return rd_kafka_fatal_error(client_, nullptr, 0) == RD_KAFKA_RESP_ERR_NO_ERROR;
}

void Consumer::handle(const rd_kafka_message_t& message) {
  handlers_.on_record(message.partition, message.offset, record_of(message));
  offsets_[message.partition] = message.offset + 1;
}

bool Consumer::commit() {
  const Partitions assigned = assignment_of(client_);
  if (!assigned) return false;
  const Partitions read{rd_kafka_topic_partition_list_new(assigned->cnt)};
  for (const auto& each : elements(*assigned)) {
    const auto next = offsets_.find(each.partition);
    if (next == offsets_.end()) continue;
    rd_kafka_topic_partition_list_add(read.get(), each.topic, each.partition)->offset = next->second;
  }
  if (read->cnt == 0) return true;
  const auto error = commit_soon(client_, *read);
  answers_ = error != RD_KAFKA_RESP_ERR__TIMED_OUT;
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    handlers_.on_failure(fmt::format("Kafka: not committed: {}", rd_kafka_err2str(error)));
  }
  return error == RD_KAFKA_RESP_ERR_NO_ERROR;
}

void Consumer::take(rd_kafka_topic_partition_list_t& partitions) {
  // What another member has committed, or what this one has counted without coming to commit it.
  rd_kafka_committed(client_, &partitions, longest_answer);
  for (auto& each : elements(partitions)) {
    const auto own = offsets_.find(each.partition);
    if (own != offsets_.end()) each.offset = std::max(each.offset, own->second);
  }
  rd_kafka_assign(client_, &partitions);
}

void Consumer::on_rebalance(rd_kafka_t* client, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t* partitions,
                            void* self) noexcept try {
  auto& consumer = *static_cast<Consumer*>(self);
  if (error == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    consumer.take(*partitions);
  } else {
    consumer.handlers_.before_partitions_go();
    rd_kafka_assign(client, nullptr);
  }
} catch (...) {
  static_cast<Consumer*>(self)->rebalance_failure_ =
      std::current_exception();  // nothing may be thrown through librdkafka
  rd_kafka_assign(client, nullptr);
}

void Consumer::on_error(rd_kafka_t*, int error, const char* reason, void* self) noexcept try {
  static_cast<Consumer*>(self)->handlers_.on_failure(
      fmt::format("Kafka: {}: {}", rd_kafka_err2str(static_cast<rd_kafka_resp_err_t>(error)), reason));
} catch (const std::exception&) {  // no memory to tell it with
}

}  // namespace event_draft::consumer
