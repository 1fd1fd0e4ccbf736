#pragma once

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <string>

#include <event_draft/event_message.hpp>

#include "adapters/event_log/event_line.hpp"
#include "fuzz.hpp"

namespace event_draft::fuzz {

/// What is claimed can be told: a whole message, by its own id, on one line of a log.
inline void check_message(const DraftEvent& event) {
  const EventMessage message{event, "/event-draft"};
  expect(parse_event_id(message.id()) == event.id, "the message has the event's id");
  const std::string line = event_log::event_line(message);
  expect(line.find('\n') == line.size() - 1, "one line");
  boost::json::error_code error;
  const auto value = boost::json::parse(boost::json::string_view{line.data(), line.size()}, error);
  expect(!error.failed(), "the line is JSON");
  const auto& payload = value.at("payload").as_object();
  const std::size_t members = event.id.type == EventType::event_created ? 5 : 4;
  expect(payload.size() == members && payload.at("userId").as_int64() == event.user_id.value(), "a whole payload");
}

}  // namespace event_draft::fuzz
