#pragma once

#include <librdkafka/rdkafka.h>

#include <event_draft/event_message.hpp>
#include <memory>

namespace event_draft::kafka {

struct HeadersDeleter {
  void operator()(rd_kafka_headers_t* headers) const noexcept { rd_kafka_headers_destroy(headers); }
};
using Headers = std::unique_ptr<rd_kafka_headers_t, HeadersDeleter>;

/// The message's headers, copied and in their order: CloudEvents 1.0 in binary mode.
[[nodiscard]] Headers headers_of(const EventMessage& message);

/// Queues a copy of the message as a record: its key, its payload and its headers. `opaque` comes back with its delivery
/// report, which there will be only if this gave no error.
[[nodiscard]] rd_kafka_resp_err_t produce(rd_kafka_t* client, rd_kafka_topic_t* topic, const EventMessage& message,
                                          void* opaque);

}  // namespace event_draft::kafka
