#include "routes.hpp"

#include <fmt/format.h>

#include <iterator>
#include <optional>

#include "http/http_error.hpp"
#include "page/page.hpp"

namespace event_draft::server {
namespace {

/// All values of a header that may come on several lines, as one list.
std::string joined(const HttpRequest& request, std::string_view name) {
  std::string list;
  for (const HttpHeader& header : request.headers) {
    if (!equal_ignoring_case(header.name, name)) continue;
    if (!list.empty()) list += ", ";
    list += header.value;
  }
  return list;
}

/// The value of a query parameter, as it was sent; empty when it is absent or comes more than once.
std::string_view query_parameter(const HttpRequest& request, std::string_view name) {
  const std::string_view target = request.target;
  const auto mark = target.find('?');
  std::string_view query = mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
  std::string_view value;
  int count = 0;
  while (!query.empty()) {
    const auto end = query.find('&');
    const std::string_view parameter = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    const auto equals = parameter.find('=');
    if (parameter.substr(0, equals) != name) continue;
    value = equals == std::string_view::npos ? std::string_view{} : parameter.substr(equals + 1);
    ++count;
  }
  return count == 1 ? value : std::string_view{};
}

HttpResponse to_http(ApiResponse answer) {
  HttpResponse response{.status = answer.status, .content_type = std::string{answer.content_type}};
  for (auto& [name, value] : answer.headers) response.headers.push_back({std::string{name}, std::move(value)});
  response.body = std::move(answer.body);
  return response;
}

/// The variable's value when the path is of that pattern: `/a/{b}/c`, where `{b}` stands for one segment.
std::optional<std::string_view> match(std::string_view path, std::string_view pattern) {
  const auto begin = pattern.find('{');
  if (begin == std::string_view::npos) return path == pattern ? std::optional{std::string_view{}} : std::nullopt;
  const std::string_view before = pattern.substr(0, begin);
  const std::string_view after = pattern.substr(pattern.find('}') + 1);
  if (path.size() < before.size() + after.size() || !path.starts_with(before) || !path.ends_with(after)) return {};
  const std::string_view value = path.substr(before.size(), path.size() - before.size() - after.size());
  return value.find('/') == std::string_view::npos ? std::optional{value} : std::nullopt;
}

constexpr std::chrono::seconds failed_save_counts{10};

std::string_view state(const Result<void>& readiness) {
  return readiness ? "ready" : wire_code(readiness.error().code);
}

std::string outbox_state(const std::optional<OutboxStats>& stats) {
  if (!stats) return "null";
  return fmt::format(R"({{"pending":{},"oldestSeconds":{},"parked":{}}})", stats->pending,
                     std::chrono::floor<std::chrono::seconds>(stats->oldest_pending).count(), stats->parked);
}

}  // namespace

enum class Blocking : bool { no, yes };
enum class Access : bool { anyone, admin };

struct Routes::Route {
  std::string_view method;
  std::string_view path;  ///< `{…}` stands for one segment
  HttpResponse (Routes::*handle)(const HttpRequest&, std::string_view);
  Blocking blocking;
  Access access = Access::anyone;
};

constexpr std::array<Routes::Route, 10> Routes::table{{
    {"POST", "/api/events/purposes", &Routes::create, Blocking::yes},
    {"GET", "/api/events/drafts/{eventDraftId}", &Routes::find_draft, Blocking::yes},
    {"POST", "/api/events/drafts/{eventDraftId}/approval", &Routes::approve, Blocking::yes},
    {"GET", "/", &Routes::page, Blocking::no},
    {"GET", "/healthz", &Routes::healthz, Blocking::no},
    {"GET", "/readyz", &Routes::readyz, Blocking::yes},
    {"GET", "/metrics", &Routes::metrics, Blocking::no},
    {"GET", "/admin/outbox/parked", &Routes::list_parked, Blocking::yes, Access::admin},
    {"DELETE", "/admin/outbox/parked/{eventId}", &Routes::discard, Blocking::yes, Access::admin},
    {"POST", "/admin/outbox/parked/{eventId}/replay", &Routes::replay, Blocking::yes, Access::admin},
}};

bool Routes::is_quick(const HttpRequest& request) {
  const Route* const route = find(request).route;
  return route == nullptr || route->blocking == Blocking::no;
}

void Routes::count_refusal(unsigned status) noexcept try {
  const std::scoped_lock lock{mutex_};
  ++answers_[{"refused", status}];
} catch (...) {  // out of memory: one is not counted
}

HttpResponse Routes::answer(const HttpRequest& request) {
  const auto [route, variable, allowed] = find(request);
  HttpResponse response;
  if (route != nullptr) {
    response = handle(*route, request, variable);
  } else if (allowed.empty()) {
    response = error_response({404, "NOT_FOUND", "There is nothing at this path."});
  } else {
    response = error_response({405, "METHOD_NOT_ALLOWED", "This path does not have that method."});
    response.headers.push_back({"Allow", allowed});
  }
  record(request, route, response.status, std::chrono::steady_clock::now() - request.arrived);
  return response;
}

Routes::Found Routes::find(const HttpRequest& request) {
  const std::string_view method = request.method;
  const std::string_view path = std::string_view{request.target}.substr(0, request.target.find('?'));
  Found found{nullptr, {}, {}};
  for (const Route& route : table) {
    const auto variable = match(path, route.path);
    if (!variable) continue;
    if (route.method == method || (route.method == "GET" && method == "HEAD")) {
      found.route = &route;
      found.variable = *variable;
    }
    found.allowed += found.allowed.empty() ? "" : ", ";
    found.allowed += route.method == "GET" ? "GET, HEAD" : route.method;
  }
  return found;
}

HttpResponse Routes::handle(const Route& route, const HttpRequest& request, std::string_view variable) {
  if (route.access == Access::admin && !admin_token_.is_in(request.header("Authorization"))) {
    HttpResponse response = error_response({401, "UNAUTHORIZED", "It takes this server's admin token."});
    response.headers.push_back({"WWW-Authenticate", "Bearer"});
    return response;
  }
  return (this->*route.handle)(request, variable);
}

HttpResponse Routes::create(const HttpRequest& request, std::string_view) {
  const std::string accept = joined(request, "Accept");
  const std::string languages = joined(request, "Accept-Language");
  return to_http(application_.controller.create({request.body, accept, languages, request.header("traceparent")}));
}

HttpResponse Routes::find_draft(const HttpRequest& request, std::string_view draft_id) {
  const std::string accept = joined(request, "Accept");
  const std::string languages = joined(request, "Accept-Language");
  return to_http(application_.controller.find(draft_id, query_parameter(request, "userId"),
                                              {.accept = accept, .accept_language = languages}));
}

HttpResponse Routes::approve(const HttpRequest& request, std::string_view draft_id) {
  const std::string accept = joined(request, "Accept");
  const std::string languages = joined(request, "Accept-Language");
  return to_http(application_.controller.approve(draft_id, query_parameter(request, "userId"),
                                                 {{}, accept, languages, request.header("traceparent")}));
}

HttpResponse Routes::list_parked(const HttpRequest& request, std::string_view) {
  return outbox_admin_.list(query_parameter(request, "after"), query_parameter(request, "limit"));
}

HttpResponse Routes::replay(const HttpRequest&, std::string_view event_id) { return outbox_admin_.replay(event_id); }

HttpResponse Routes::discard(const HttpRequest&, std::string_view event_id) { return outbox_admin_.discard(event_id); }

HttpResponse Routes::page(const HttpRequest&, std::string_view) {
  HttpResponse response{.content_type = "text/html; charset=utf-8", .body = std::string{page_html}};
  response.headers.push_back(
      {"Content-Security-Policy",
       "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:; "
       "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"});
  response.headers.push_back({"Referrer-Policy", "no-referrer"});
  return response;
}

HttpResponse Routes::healthz(const HttpRequest&, std::string_view) {
  return {.content_type = "application/json", .body = R"({"status":"ok"})"};
}

HttpResponse Routes::readyz(const HttpRequest&, std::string_view) {
  using std::chrono::milliseconds;  // each its own time, so that one that hangs says nothing of the others
  auto& repository_backend = *application_.repository;
  auto& cache_backend = *application_.cache;
  auto& publisher_backend = *application_.publisher;
  const auto repository = repository_backend.ready(Deadline::after(milliseconds{250}));
  const auto cache = cache_backend.ready(Deadline::after(milliseconds{50}));
  const auto publisher = publisher_backend.ready(Deadline::after(milliseconds{200}));
  const bool save_failed = application_.save_health.failed_within(failed_save_counts);
  const bool ready = repository && !save_failed;
  return {.status = ready ? 200U : 503U,
          .content_type = "application/json",
          .body = fmt::format(R"({{"status":"{}","backends":{{"{}":"{}","{}":"{}","{}":"{}"}},"outbox":{}}})",
                              ready ? "ready" : "unavailable", repository_backend.name(),
                              repository && save_failed ? "save_failed" : state(repository), cache_backend.name(),
                              state(cache), publisher_backend.name(), state(publisher),
                              outbox_state(application_.outbox_gauges.latest()))};
}

HttpResponse Routes::metrics(const HttpRequest&, std::string_view) {
  HttpResponse response{.content_type = "text/plain; version=0.0.4; charset=utf-8"};
  std::string& out = response.body;
  const auto to = std::back_inserter(out);
  application_.prometheus.write(out);
  application_.outbox_gauges.write(out);
  out +=
      "# HELP event_draft_http_requests_total Requests by route and status; the route of those that the "
      "transport refused is refused.\n"
      "# TYPE event_draft_http_requests_total counter\n";
  {
    const std::scoped_lock lock{mutex_};
    for (const auto& [answered, count] : answers_) {
      fmt::format_to(to, "event_draft_http_requests_total{{route=\"{}\",status=\"{}\"}} {}\n", answered.first,
                     answered.second, count);
    }
  }
  out +=
      "# HELP event_draft_http_request_seconds Time from a request's last byte to its answer, with the wait for "
      "a worker.\n"
      "# TYPE event_draft_http_request_seconds histogram\n";
  durations_.write(out, "event_draft_http_request_seconds", "server=\"http\"");
  fmt::format_to(to,
                 "# HELP event_draft_log_dropped_total Log records that could not be written at once.\n"
                 "# TYPE event_draft_log_dropped_total counter\nevent_draft_log_dropped_total {}\n",
                 application_.log.dropped());
  application_.repository->write_metrics(out);
  application_.cache->write_metrics(out);
  application_.publisher->write_metrics(out);
  return response;
}

void Routes::record(const HttpRequest& request, const Route* route, unsigned status,
                    std::chrono::nanoseconds duration) {
  const std::string_view path = route != nullptr ? route->path : "none";
  durations_.observe(duration);
  {
    const std::scoped_lock lock{mutex_};
    ++answers_[{path, status}];
  }
  application_.log.write(status >= 500 ? observers::LogLevel::warning : observers::LogLevel::info, "request",
                         {{"method", request.method},
                          {"target", request.target},
                          {"status", static_cast<std::int64_t>(status)},
                          {"microseconds", duration.count() / 1000}});
}

}  // namespace event_draft::server
