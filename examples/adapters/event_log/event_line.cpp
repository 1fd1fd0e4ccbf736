#include "event_line.hpp"

#include <algorithm>
#include <cstddef>
#include <event_draft/detail/json_writer.hpp>

namespace event_draft::event_log {
namespace {

// The writer's room is fixed and a header's length is not, so text goes through it in pieces; it escapes byte by byte.
void append_string(std::string& line, std::string_view text) {
  constexpr std::size_t piece_size = 256;
  constexpr std::size_t longest_escape = 6;
  line += '"';
  for (; !text.empty(); text.remove_prefix(std::min(piece_size, text.size()))) {
    detail::JsonWriter<piece_size * longest_escape + 2> json;
    const std::string_view quoted = json.string(text.substr(0, piece_size)).view();
    line += quoted.substr(1, quoted.size() - 2);
  }
  line += '"';
}

}  // namespace

std::string event_line(const EventMessage& message) {
  std::string line{line_start};
  append_string(line, message.topic());
  append_string(line += R"(,"key":)", message.key());
  const char* separator = R"(,"headers":{)";
  for (const EventHeader& header : message.headers()) {
    append_string(line += separator, header.name);
    append_string(line += ':', header.value);
    separator = ",";
  }
  return line.append(R"(},"payload":)").append(message.payload()).append("}\n");  // the payload is one JSON object
}

}  // namespace event_draft::event_log
