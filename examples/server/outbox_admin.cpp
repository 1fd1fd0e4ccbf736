#include "outbox_admin.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <iterator>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <event_draft/event_id.hpp>
#include <event_draft/formatters.hpp>

#include "http/http_error.hpp"

namespace event_draft::server {
namespace {

Deadline deadline() { return Deadline::after(std::chrono::seconds{2}); }

HttpResponse json(std::string body) { return {.content_type = "application/json", .body = std::move(body)}; }

HttpResponse failure() { return error_response({503, "STORAGE_UNAVAILABLE", "The database could not do it."}); }

/// 0 for what is no limit.
std::size_t parse_limit(std::string_view text) {
  if (text.empty()) return 100;
  std::size_t limit = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  return error == std::errc{} && end == text.data() + text.size() && limit <= 1000 ? limit : 0;
}

std::string to_json(const std::vector<ParkedEvent>& events, bool more) {
  std::string body = R"({"parked":[)";
  for (const ParkedEvent& event : events) {
    fmt::format_to(std::back_inserter(body), R"({}{{"id":"{}","attempts":{},"reason":"{}","parkedAt":"{}"}})",
                   &event == events.data() ? "" : ",", to_text(event.id), event.attempts, event.reason,
                   to_text(event.parked_at));
  }
  body += R"(],"next":)";
  body += more ? fmt::format("\"{}\"}}", to_text(events.back().id)) : "null}";
  return body;
}

/// `change` is asked of the outbox for the event; it says whether the event was parked.
template <class Change>
HttpResponse changed(std::string_view id, Change change) {
  const auto event = parse_event_id(id);
  const Result<bool> done = event ? change(*event) : Result<bool>{false};
  if (!done) return failure();
  if (!done.value()) return error_response({404, "NOT_PARKED", "There is no parked event with this id."});
  return json(fmt::format(R"({{"id":"{}"}})", to_text(*event)));
}

}  // namespace

HttpResponse OutboxAdmin::list(std::string_view after, std::string_view limit) const {
  const auto first = parse_event_id(after);
  const std::size_t most = parse_limit(limit);
  if ((!first && !after.empty()) || most == 0) {
    return error_response({400, "MALFORMED_REQUEST", "after is an event's id, limit is 1 to 1000."});
  }
  auto events = application_.repository->parked(first, most + 1, deadline());
  if (!events) return failure();
  const bool more = events.value().size() > most;
  if (more) events.value().pop_back();
  return json(to_json(events.value(), more));
}

HttpResponse OutboxAdmin::replay(std::string_view id) const {
  HttpResponse response =
      changed(id, [&](const EventId& event) { return application_.repository->replay(event, deadline()); });
  application_.relay_bell.ring();
  return response;
}

HttpResponse OutboxAdmin::discard(std::string_view id) const {
  HttpResponse response =
      changed(id, [&](const EventId& event) { return application_.repository->discard(event, deadline()); });
  application_.relay_bell.ring();  // for what waited behind it
  return response;
}

}  // namespace event_draft::server
