#include "received_event.hpp"

#include <boost/json.hpp>
#include <event_draft/detail/utf8.hpp>
#include <event_draft/timestamp.hpp>
#include <optional>

namespace event_draft::consumer {
namespace {

constexpr std::size_t longest_id = 1024;  // of what is kept of each event

std::string_view header(const Record& record, std::string_view name) {
  for (const auto& [found, value] : record.headers) {
    if (found == name) return value;
  }
  return {};
}

bool is_id(std::string_view text) {
  if (text.empty() || text.size() > longest_id) return false;
  while (!text.empty()) {
    const auto c = detail::next_code_point(text);
    if (!c || detail::is_control(*c)) return false;
  }
  return true;
}

std::optional<std::string_view> text(const boost::json::object& object, std::string_view name) {
  const auto* const value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string_view{value->get_string()};
}

}  // namespace

std::variant<ReceivedEvent, Unreadable> read_event(const Record& record) {
  const auto id = header(record, "ce_id");
  const auto source = header(record, "ce_source");
  if (!is_id(id) || !is_id(source)) return "it has no event id (ce_id and ce_source)";
  const auto type = parse_event_type(header(record, "ce_type"));
  if (!type) return "its type (ce_type) is unknown";

  boost::json::error_code failed;
  const boost::json::value payload = boost::json::parse(record.value, failed);
  if (failed || !payload.is_object()) return "its value is not a JSON object";
  const auto objective_text = text(payload.get_object(), "objective");
  const auto objective = objective_text ? parse_objective(*objective_text) : std::nullopt;
  if (!objective) return "its objective is unknown";
  const auto created_text = text(payload.get_object(), "createdAt");
  const auto created = created_text ? parse_timestamp(*created_text) : std::nullopt;
  if (!created) return "its createdAt is no time";
  return ReceivedEvent{std::string{id}, std::string{source}, *type, *objective,
                       std::string{std::string_view{to_text(*created)}.substr(0, 10)}};
}

}  // namespace event_draft::consumer
