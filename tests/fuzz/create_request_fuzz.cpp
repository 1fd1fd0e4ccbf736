// Any bytes as the body of a create request.
#include <event_draft/controller/create_request.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <cmath>
#include <cstddef>
#include <string_view>
#include <utility>

#include <event_draft/cache_entry.hpp>

#include "fuzz.hpp"

using namespace event_draft;
using fuzz::expect;

namespace {

/// How many members all of the text's objects have: the colons outside of strings.
std::size_t count_members(std::string_view json) {
  std::size_t count = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (json[i] == '"') quoted = !quoted;
    if (json[i] == '\\') ++i;
    if (json[i] == ':' && !quoted) ++count;
  }
  return count;
}

void check_text(boost::json::string_view text) {
  expect(text.find('\0') == boost::json::string_view::npos, "no text has a NUL");
}

/// Gives how many members the value's objects have; of those of one name, Boost.JSON keeps one.
std::size_t check_strictness(const boost::json::value& value, std::size_t depth) {
  std::size_t members = 0;
  expect(depth <= 8 || !value.is_structured(), "no deeper than 8");
  if (value.is_string()) check_text(value.get_string());
  if (value.is_double()) expect(std::isfinite(value.get_double()), "no number past all doubles");
  if (value.is_array()) {
    for (const auto& each : value.get_array()) members += check_strictness(each, depth + 1);
  }
  if (value.is_object()) {
    members = value.get_object().size();
    for (const auto& each : value.get_object()) {
      check_text(each.key());
      members += check_strictness(each.value(), depth + 1);
    }
  }
  return members;
}

boost::json::object parse_object(std::string_view body) {
  boost::json::error_code code;
  auto value = boost::json::parse(boost::json::string_view{body.data(), body.size()}, code);
  expect(!code.failed(), "what is let through is JSON");
  expect(value.is_object(), "it is an object");
  expect(check_strictness(value, 1) == count_members(body), "no name comes twice in an object");
  return std::move(value).as_object();
}

/// Absent and null are empty.
std::string_view member(const boost::json::object& object, Field field) {
  const std::string_view name = to_string(field);
  const auto* const value = object.if_contains(boost::json::string_view{name.data(), name.size()});
  if (value == nullptr || value->is_null()) return {};
  expect(value->is_string(), "a text member is a string");
  return {value->as_string().data(), value->as_string().size()};
}

void compare(const boost::json::object& object, const CreateEventDraft& command) {
  expect(object.at("userId").is_int64() && object.at("userId").as_int64() == command.user_id, "the same userId");
  expect(member(object, Field::objective) == command.objective, "the same objective");
  expect(member(object, Field::store_name) == command.store_name, "the same store name");
  expect(member(object, Field::industry) == command.industry, "the same industry");
  expect(member(object, Field::address) == command.address, "the same address");
}

/// What is valid can be stored, cached and read back.
void check_draft(const NewEventDraft& draft, const CreateEventDraft& command) {
  expect(draft.store.name() == command.store_name && draft.store.industry() == command.industry &&
             draft.store.address() == command.address,
         "the store's text is kept as it is");
  const EventDraft stored = with_id(draft, DraftId::numbered(1));
  expect(!steps::differs(stored, command), "the draft is what the command asks for");
  const CacheEntry entry = encode_cache_entry(stored);
  expect(entry.complete(), "a draft has room in its cache entry");
  expect(decode_cache_entry(entry.view()) == stored, "a cached draft is read back");
}

void check_refusal(const Error& error) {
  switch (error.code) {
    case Errc::malformed_request: break;
    case Errc::invalid_objective:
    case Errc::missing_store_info:
    case Errc::invalid_store_info: expect(!error.fields.empty(), "a rule that is broken names its fields"); break;
    default: expect(false, "no other error");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body = fuzz::text_of(data, size);
  auto parsed = parse_create_request(body);
  if (!parsed) {
    check_refusal(parsed.assume_error());
    if (parsed.assume_error().code != Errc::malformed_request) parse_object(body);
    return 0;
  }
  const ParsedCreateRequest moved = std::move(parsed).assume_value();
  const CreateEventDraft command = moved.command();
  compare(parse_object(body), command);
  const auto user = UserId::make(command.user_id);
  expect(user.has_value(), "the user is one");
  const auto draft = steps::validate(command, user.assume_value(), Timestamp{});
  expect(draft.has_value(), "the service finds nothing that the controller overlooked");
  check_draft(draft.assume_value(), command);
  return 0;
}
