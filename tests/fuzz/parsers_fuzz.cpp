// Any text as any of the small things that come from outside: what is read at all is written back as it was.
#include <algorithm>
#include <string>
#include <string_view>

#include <event_draft/cache_key.hpp>
#include <event_draft/controller/content_negotiation.hpp>
#include <event_draft/controller/draft_request.hpp>
#include <event_draft/draft_status.hpp>
#include <event_draft/event_id.hpp>
#include <event_draft/objective.hpp>
#include <event_draft/timestamp.hpp>
#include <event_draft/trace_parent.hpp>

#include "fuzz.hpp"

using namespace event_draft;
using fuzz::expect;

namespace {

void check_ids(std::string_view text) {
  if (const auto id = DraftId::parse(text)) {
    expect(id->view() == text, "a draft id");
    expect(detail::parse_positive(text) == 0, "no draft id reads as a user id");
  }
  if (const auto id = parse_event_id(text)) expect(to_text(*id).view() == text, "an event id");
  if (const auto trace = TraceParent::parse(text)) expect(trace->view() == text, "a traceparent");
  if (const auto user = detail::parse_positive(text); user != 0) {
    expect(user > 0 && std::to_string(user) == text, "a user id");
    expect(cache_key(UserId::make(user).value()).view() == "draft:event:" + std::string{text}, "its cache key");
  }
}

void check_words(std::string_view text) {
  if (const auto time = parse_timestamp(text)) expect(to_text(*time).view() == text, "a time");
  if (const auto status = parse_draft_status(text)) expect(to_string(*status) == text, "a status");
  if (const auto type = parse_event_type(text)) expect(to_string(*type) == text, "an event type");
  // The one thing that is read in several spellings: the label of an objective, in whatever white space.
  if (const auto objective = parse_objective(text)) {
    expect(parse_objective(to_string(*objective)) == objective, "its label is the objective");
    expect(parse_objective(" \t" + std::string{text} + "\u3000") == objective, "white space does not matter");
  }
  const auto trimmed = detail::trim(text);
  expect(detail::trim(trimmed) == trimmed, "nothing is left to trim");
}

std::string upper(std::string_view text) {
  std::string result{text};
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return result;
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

void check_negotiation(std::string_view header) {
  const std::string loud = upper(header);
  const bool problem = accepts_problem_json(header);
  const Language language = preferred_language(header);
  expect(accepts_problem_json(loud) == problem && preferred_language(loud) == language, "headers have no case");
  if (problem) expect(contains(loud, "APPLICATION/PROBLEM+JSON"), "only by name");
  if (language == Language::english) expect(contains(loud, "EN") || contains(loud, "*"), "only who asks for it");
  const std::string padded = " , " + std::string{header} + " ,";
  if (problem) expect(accepts_problem_json(padded) || contains(header, "\""), "empty elements do not matter");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  check_ids(text);
  check_words(text);
  check_negotiation(text);
  return 0;
}
