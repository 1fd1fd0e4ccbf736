#pragma once

#include <event_draft/event_message.hpp>
#include <string>
#include <string_view>

namespace event_draft::event_log {

/// How every line of an event log begins.
inline constexpr std::string_view line_start = R"({"topic":)";

/// `{"topic":…,"key":…,"headers":{…},"payload":{…}}` and a line end: the whole message, however long its source is.
[[nodiscard]] std::string event_line(const EventMessage& message);

}  // namespace event_draft::event_log
