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

/// What a request says of the answer that it wants.
class Negotiated {
 public:
  explicit Negotiated(const HttpRequest& request)
      : accept_{joined(request, "Accept")},
        languages_{joined(request, "Accept-Language")},
        traceparent_{request.header("traceparent")} {}

  /// Valid as long as this.
  [[nodiscard]] ApiRequest request(std::string_view body = {}) const {
    return {body, accept_, languages_, traceparent_};
  }

 private:
  std::string accept_;
  std::string languages_;
  std::string_view traceparent_;
};

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
  HttpResponse response{.status = answer.status, .content_type = answer.content_type};
  response.headers.reserve(answer.headers.size());
  for (auto& [name, value] : answer.headers) response.headers.push_back({name, std::move(value)});
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

constexpr HttpError server_busy{503, "SERVER_BUSY", "Too many requests are waiting. Try again later."};

std::string_view state(const Result<void>& readiness) {
  return readiness ? "ready" : wire_code(readiness.error().code);
}

std::string outbox_state(const std::optional<OutboxStats>& stats) {
  if (!stats) return "null";
  return fmt::format(R"({{"pending":{},"oldestSeconds":{},"parked":{}}})", stats->pending,
                     std::chrono::floor<std::chrono::seconds>(stats->oldest_pending).count(), stats->parked);
}

}  // namespace

enum class Waits : bool { no, yes };  ///< for a backend, so that it needs a place
enum class Access : bool { anyone, admin };

struct Routes::Route {
  std::string_view method;
  std::string_view path;  ///< `{…}` stands for one segment
  Task<HttpResponse> (Routes::*handle)(Driver&, const HttpRequest&, std::string_view);
  Waits waits;
  Access access = Access::anyone;
};

constexpr std::array<Routes::Route, 10> Routes::table{{
    {"POST", "/api/events/purposes", &Routes::create, Waits::yes},
    {"GET", "/api/events/drafts/{eventDraftId}", &Routes::find_draft, Waits::yes},
    {"POST", "/api/events/drafts/{eventDraftId}/approval", &Routes::approve, Waits::yes},
    {"GET", "/", &Routes::page, Waits::no},
    {"GET", "/healthz", &Routes::healthz, Waits::no},
    {"GET", "/readyz", &Routes::readyz, Waits::yes},
    {"GET", "/metrics", &Routes::metrics, Waits::no},
    {"GET", "/admin/outbox/parked", &Routes::list_parked, Waits::yes, Access::admin},
    {"DELETE", "/admin/outbox/parked/{eventId}", &Routes::discard, Waits::yes, Access::admin},
    {"POST", "/admin/outbox/parked/{eventId}/replay", &Routes::replay, Waits::yes, Access::admin},
}};

void Routes::count_refusal(unsigned status) noexcept try {
  const std::scoped_lock lock{mutex_};
  ++answers_[{"refused", status}];
} catch (...) {  // out of memory: one is not counted
}

Task<HttpResponse> Routes::answer(Driver& driver, const HttpRequest& request) {
  const auto [route, variable, allowed] = find(request);
  HttpResponse response;
  if (route == nullptr && allowed.empty()) {
    response = error_response({404, "NOT_FOUND", "There is nothing at this path."});
  } else if (route == nullptr) {
    response = error_response({405, "METHOD_NOT_ALLOWED", "This path does not have that method."});
    response.headers.push_back({"Allow", allowed});
  } else if (route->access == Access::admin && !admin_token_.is_in(request.header("Authorization"))) {
    response = error_response({401, "UNAUTHORIZED", "It takes this server's admin token."});
    response.headers.push_back({"WWW-Authenticate", "Bearer"});
  } else {
    const auto place = route->waits == Waits::yes ? application_.places.try_enter() : nullptr;
    if (route->waits == Waits::yes && !place) co_return busy();
    try {
      response = co_await (this->*route->handle)(driver, request, variable);
    } catch (const NoWorker&) {
      co_return busy();
    }
  }
  record(request, route, response.status, std::chrono::steady_clock::now() - request.arrived);
  co_return response;
}

/// As cheap as can be, for there may be many.
HttpResponse Routes::busy() {
  count_refusal(server_busy.status);
  if (busy_log_.is_due()) application_.log.write(observers::LogLevel::warning, "server_busy", {});
  return refusal_response(server_busy);
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

Task<HttpResponse> Routes::create(Driver& driver, const HttpRequest& request, std::string_view) {
  const Negotiated negotiated{request};
  co_return to_http(co_await driver.create(negotiated.request(request.body)));
}

Task<HttpResponse> Routes::find_draft(Driver& driver, const HttpRequest& request, std::string_view draft_id) {
  const Negotiated negotiated{request};
  co_return to_http(co_await driver.find(draft_id, query_parameter(request, "userId"), negotiated.request()));
}

Task<HttpResponse> Routes::approve(Driver& driver, const HttpRequest& request, std::string_view draft_id) {
  const Negotiated negotiated{request};
  co_return to_http(co_await driver.approve(draft_id, query_parameter(request, "userId"), negotiated.request()));
}

Task<HttpResponse> Routes::list_parked(Driver& driver, const HttpRequest& request, std::string_view) {
  return driver.on_worker([this, &request] {
    return outbox_admin_.list(query_parameter(request, "after"), query_parameter(request, "limit"));
  });
}

Task<HttpResponse> Routes::replay(Driver& driver, const HttpRequest&, std::string_view event_id) {
  return driver.on_worker([this, event_id] { return outbox_admin_.replay(event_id); });
}

Task<HttpResponse> Routes::discard(Driver& driver, const HttpRequest&, std::string_view event_id) {
  return driver.on_worker([this, event_id] { return outbox_admin_.discard(event_id); });
}

Task<HttpResponse> Routes::page(Driver&, const HttpRequest&, std::string_view) {
  HttpResponse response{.content_type = "text/html; charset=utf-8", .body = std::string{page_html}};
  response.headers.push_back(
      {"Content-Security-Policy",
       "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:; "
       "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"});
  response.headers.push_back({"Referrer-Policy", "no-referrer"});
  co_return response;
}

Task<HttpResponse> Routes::healthz(Driver&, const HttpRequest&, std::string_view) {
  co_return HttpResponse{.content_type = "application/json", .body = R"({"status":"ok"})"};
}

Task<HttpResponse> Routes::readyz(Driver& driver, const HttpRequest&, std::string_view) {
  const auto [repository, cache, publisher] = co_await driver.ready();
  const bool save_failed = application_.save_health.failed_within(failed_save_counts);
  const bool ready = repository && !save_failed;
  co_return HttpResponse{
      .status = ready ? 200U : 503U,
      .content_type = "application/json",
      .body = fmt::format(R"({{"status":"{}","backends":{{"{}":"{}","{}":"{}","{}":"{}"}},"outbox":{}}})",
                          ready ? "ready" : "unavailable", application_.repository->name(),
                          repository && save_failed ? "save_failed" : state(repository), application_.cache->name(),
                          state(cache), application_.publisher->name(), state(publisher),
                          outbox_state(application_.outbox_gauges.latest()))};
}

Task<HttpResponse> Routes::metrics(Driver&, const HttpRequest&, std::string_view) {
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
      "# HELP event_draft_http_request_seconds Time from a request's last byte to its answer, with all waits.\n"
      "# TYPE event_draft_http_request_seconds histogram\n";
  durations_.write(out, "event_draft_http_request_seconds", "server=\"http\"");
  fmt::format_to(to,
                 "# HELP event_draft_log_dropped_total Log records that could not be written at once.\n"
                 "# TYPE event_draft_log_dropped_total counter\nevent_draft_log_dropped_total {}\n",
                 application_.log.dropped());
  application_.repository->write_metrics(out);
  application_.cache->write_metrics(out);
  application_.publisher->write_metrics(out);
  co_return response;
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
