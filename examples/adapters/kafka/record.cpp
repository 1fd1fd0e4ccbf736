#include "record.hpp"

#include <array>
#include <string_view>

namespace event_draft::kafka {
namespace {

struct FailureDeleter {
  void operator()(rd_kafka_error_t* failure) const noexcept { rd_kafka_error_destroy(failure); }
};
using Failure = std::unique_ptr<rd_kafka_error_t, FailureDeleter>;

using Value = decltype(rd_kafka_vu_t::u);

/// librdkafka takes bytes it does not write to as if it did.
decltype(Value::mem) bytes(std::string_view text) { return {const_cast<char*>(text.data()), text.size()}; }

template <class Set>
rd_kafka_vu_t field(rd_kafka_vtype_t type, Set set) {
  rd_kafka_vu_t made{};
  made.vtype = type;
  set(made.u);
  return made;
}

}  // namespace

Headers headers_of(const EventMessage& message) {
  const EventHeaders all = message.headers();
  Headers headers{rd_kafka_headers_new(all.size())};
  for (const auto& [name, value] : all) {
    rd_kafka_header_add(headers.get(), name.data(), static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
  }
  return headers;
}

rd_kafka_resp_err_t produce(rd_kafka_t* client, rd_kafka_topic_t* topic, const EventMessage& message, void* opaque) {
  Headers headers = headers_of(message);
  const std::array fields{
      field(RD_KAFKA_VTYPE_RKT, [&](auto& value) { value.rkt = topic; }),
      field(RD_KAFKA_VTYPE_KEY, [&](auto& value) { value.mem = bytes(message.key()); }),
      field(RD_KAFKA_VTYPE_VALUE, [&](auto& value) { value.mem = bytes(message.payload()); }),
      field(RD_KAFKA_VTYPE_HEADERS, [&](auto& value) { value.headers = headers.get(); }),
      field(RD_KAFKA_VTYPE_MSGFLAGS, [&](auto& value) { value.i = RD_KAFKA_MSG_F_COPY; }),
      field(RD_KAFKA_VTYPE_OPAQUE, [&](auto& value) { value.ptr = opaque; }),
  };
  const Failure failure{rd_kafka_produceva(client, fields.data(), fields.size())};
  if (failure) return rd_kafka_error_code(failure.get());
  static_cast<void>(headers.release());  // they are the record's now
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

}  // namespace event_draft::kafka
