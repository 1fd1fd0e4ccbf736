#include "client.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <span>

#include "delivery_error.hpp"
#include "record.hpp"

namespace event_draft::kafka {
namespace {

struct MetadataDeleter {
  void operator()(const rd_kafka_metadata_t* metadata) const noexcept { rd_kafka_metadata_destroy(metadata); }
};
using Metadata = std::unique_ptr<const rd_kafka_metadata_t, MetadataDeleter>;

bool can_be_written_to(const rd_kafka_metadata_topic_t& topic) {
  const std::span partitions{topic.partitions, static_cast<std::size_t>(topic.partition_cnt)};
  return topic.err == RD_KAFKA_RESP_ERR_NO_ERROR && !partitions.empty() &&
         std::ranges::all_of(partitions, [](const auto& partition) { return partition.leader >= 0; });
}

}  // namespace

Client::Client(const Config& config, const Callbacks& callbacks) {
  Conf conf = make_conf(config, callbacks);
  char reason[512];
  handle_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), reason, sizeof reason);
  if (handle_ == nullptr) throw ConfigError{fmt::format("Kafka's client can't be made: {}", reason)};
  static_cast<void>(conf.release());         // it is the client's now
  rd_kafka_set_log_queue(handle_, nullptr);  // so that what it logs comes with the polls
  topic_ = rd_kafka_topic_new(handle_, std::string{event_topic}.c_str(), nullptr);
}

Client::~Client() {
  rd_kafka_topic_destroy(topic_);
  rd_kafka_destroy(handle_);
}

Result<void> Client::hand_over(const EventMessage& message, void* opaque) noexcept {
  return delivery_result(produce(handle_, topic_, message, opaque), RD_KAFKA_MSG_STATUS_NOT_PERSISTED);
}

Result<void> Client::ready(std::chrono::milliseconds most) {
  const rd_kafka_metadata_t* answer = nullptr;
  const auto error = rd_kafka_metadata(handle_, 0, topic_, &answer, static_cast<int>(most.count()));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return Errc::publisher_unavailable;
  const Metadata metadata{answer};
  if (metadata->topic_cnt != 1 || !can_be_written_to(metadata->topics[0])) return Errc::publisher_unavailable;
  return success();
}

void Client::give_up() noexcept {
  rd_kafka_purge(handle_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
}

std::string Client::fatal_reason(rd_kafka_t* handle) {
  char reason[512];
  rd_kafka_fatal_error(handle, reason, sizeof reason);
  return reason;
}

}  // namespace event_draft::kafka
