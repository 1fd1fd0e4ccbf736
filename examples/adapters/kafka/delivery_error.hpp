#pragma once

#include <librdkafka/rdkafka.h>

#include <event_draft/result.hpp>

namespace event_draft::kafka {

/// What a delivery report means.
/// - `event_rejected`: this record, and not another, would be refused again: too large, or invalid by the broker's rules.
/// - `publisher_unavailable`: all else, missing permissions and an unknown topic too. Those concern every event alike, and
///   must not have them parked one by one.
/// The effect is `not_applied` if librdkafka knows that the broker does not have it, else `unknown`.
[[nodiscard]] Result<void> delivery_result(rd_kafka_resp_err_t error, rd_kafka_msg_status_t status) noexcept;

}  // namespace event_draft::kafka
