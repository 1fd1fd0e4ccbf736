#include "routes.hpp"

#include <fmt/format.h>

#include <iterator>

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
std::string_view query_parameter(std::string_view query, std::string_view name) {
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

constexpr std::chrono::seconds failed_save_counts{10};

std::string_view state(const Result<void>& readiness) {
  return readiness ? "ready" : wire_code(readiness.error().code);
}

}  // namespace

enum class Blocking : bool { no, yes };

struct Routes::Route {
  std::string_view method;
  std::string_view path;  ///< `{…}` at the end stands for one segment
  HttpResponse (Routes::*handle)(const HttpRequest&, std::string_view);
  Blocking blocking;
};

constexpr std::array<Routes::Route, 6> Routes::table{{
    {"POST", "/api/events/purposes", &Routes::create, Blocking::yes},
    {"GET", "/api/events/drafts/{eventDraftId}", &Routes::find_draft, Blocking::yes},
    {"GET", "/", &Routes::page, Blocking::no},
    {"GET", "/healthz", &Routes::healthz, Blocking::no},
    {"GET", "/readyz", &Routes::readyz, Blocking::yes},
    {"GET", "/metrics", &Routes::metrics, Blocking::no},
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
    response = (this->*route->handle)(request, variable);
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
    const auto brace = route.path.find('{');
    const std::string_view fixed = route.path.substr(0, brace);
    const bool has_variable = brace != std::string_view::npos;
    if (has_variable ? !path.starts_with(fixed) || path.find('/', fixed.size()) != std::string_view::npos
                     : path != fixed) {
      continue;
    }
    if (route.method == method || (route.method == "GET" && method == "HEAD")) {
      found.route = &route;
      found.variable = path.substr(fixed.size());
    }
    found.allowed += found.allowed.empty() ? "" : ", ";
    found.allowed += route.method == "GET" ? "GET, HEAD" : route.method;
  }
  return found;
}

HttpResponse Routes::create(const HttpRequest& request, std::string_view) {
  const std::string accept = joined(request, "Accept");
  const std::string languages = joined(request, "Accept-Language");
  return to_http(application_.controller.create({request.body, accept, languages, request.header("traceparent")}));
}

HttpResponse Routes::find_draft(const HttpRequest& request, std::string_view draft_id) {
  const std::string accept = joined(request, "Accept");
  const std::string languages = joined(request, "Accept-Language");
  const std::string_view target = request.target;
  const auto mark = target.find('?');
  const std::string_view query = mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
  return to_http(application_.controller.find(draft_id, query_parameter(query, "userId"),
                                              {.accept = accept, .accept_language = languages}));
}

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
  const Deadline deadline = Deadline::after(std::chrono::milliseconds{500});
  const auto repository = application_.repository.ready(deadline);
  const auto publisher = application_.publisher.ready(deadline);
  const bool save_failed = application_.save_health.failed_within(failed_save_counts);
  const bool ready = repository && publisher && !save_failed;
  return {.status = ready ? 200U : 503U,
          .content_type = "application/json",
          .body = fmt::format(R"({{"status":"{}","backends":{{"sqlite":"{}","cache":"ready","event_log":"{}"}}}})",
                              ready ? "ready" : "unavailable",
                              repository && save_failed ? "save_failed" : state(repository), state(publisher))};
}

HttpResponse Routes::metrics(const HttpRequest&, std::string_view) {
  HttpResponse response{.content_type = "text/plain; version=0.0.4; charset=utf-8"};
  std::string& out = response.body;
  const auto to = std::back_inserter(out);
  application_.prometheus.write(out);
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
                 "# HELP event_draft_cache_entries Entries in the in-process cache.\n"
                 "# TYPE event_draft_cache_entries gauge\nevent_draft_cache_entries {}\n"
                 "# HELP event_draft_log_dropped_total Log records that could not be written at once.\n"
                 "# TYPE event_draft_log_dropped_total counter\nevent_draft_log_dropped_total {}\n",
                 application_.cache.size(), application_.log.dropped());
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
