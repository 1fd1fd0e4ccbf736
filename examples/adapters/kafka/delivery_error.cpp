#include "delivery_error.hpp"

namespace event_draft::kafka {
namespace {

bool is_the_events_fault(rd_kafka_resp_err_t error) noexcept {
  switch (error) {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD: return true;
    default: return false;
  }
}

}  // namespace

Result<void> delivery_result(rd_kafka_resp_err_t error, rd_kafka_msg_status_t status) noexcept {
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR || status == RD_KAFKA_MSG_STATUS_PERSISTED) return success();
  const bool is_known = status == RD_KAFKA_MSG_STATUS_NOT_PERSISTED;
  return Error{is_the_events_fault(error) ? Errc::event_rejected : Errc::publisher_unavailable,
               {},
               is_known ? Certainty::not_applied : Certainty::unknown};
}

}  // namespace event_draft::kafka
