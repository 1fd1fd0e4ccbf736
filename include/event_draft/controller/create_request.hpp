#pragma once

#include <boost/json/basic_parser_impl.hpp>
#include <cstddef>
#include <string_view>

#include <event_draft/controller/create_request_handler.hpp>
#include <event_draft/steps.hpp>

namespace event_draft {

namespace detail {

[[nodiscard]] inline Result<ParsedCreateRequest> read_create_request(std::string_view body) {
  if (body.empty()) return Errc::malformed_request;
  boost::json::parse_options options;
  options.max_depth = CreateRequestHandler::max_depth;
  boost::json::basic_parser<CreateRequestHandler> parser{options, body.size()};
  boost::json::error_code code;
  const std::size_t read = parser.write_some(false, body.data(), body.size(), code);
  if (code.failed() || read != body.size()) return parser.handler().stopped();
  return parser.handler().finished();
}

}  // namespace detail

/// Reads and judges the body of `POST /api/events/purposes` (the controller's 입력값 검증). Fails with `malformed_request`
/// for anything but one JSON object with a positive 64-bit userId and no member of a wrong type, then by the domain's own
/// rules in their order: EVENT_001, EVENT_002, `invalid_store_info`. Unknown members are read as strictly and ignored.
/// \throws std::bad_alloc for a body over 1 KiB; below that it allocates nothing
[[nodiscard]] inline Result<ParsedCreateRequest> parse_create_request(std::string_view body) {
  auto request = detail::read_create_request(body);
  if (!request) return request;
  const CreateEventDraft command = request.assume_value().command();
  BOOST_OUTCOME_TRY(const auto user, UserId::make(command.user_id));
  BOOST_OUTCOME_TRYV(steps::validate(command, user, {}));
  return request;
}

}  // namespace event_draft
