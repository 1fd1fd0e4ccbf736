#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/observers/histogram.hpp"
#include "admin_access.hpp"
#include "application.hpp"
#include "http/http_message.hpp"
#include "outbox_admin.hpp"

namespace event_draft::server {

/// Takes each request to its handler, and keeps the log and the figures of what was asked and answered.
class Routes {
 public:
  Routes(Application& application, const AdminToken& admin_token) noexcept
      : application_{application}, admin_token_{admin_token}, outbox_admin_{application} {}

  [[nodiscard]] HttpResponse answer(const HttpRequest& request);
  /// Whether the answer takes neither the database nor the event log.
  [[nodiscard]] static bool is_quick(const HttpRequest& request);
  /// Counts what the transport answered by itself.
  void count_refusal(unsigned status) noexcept;

 private:
  struct Route;
  static const std::array<Route, 10> table;

  struct Found {
    const Route* route;         ///< nullptr: no such path, or not with this method
    std::string_view variable;  ///< what stands for `{…}` in the path
    std::string allowed;        ///< the methods that the path has
  };

  static Found find(const HttpRequest& request);
  HttpResponse handle(const Route& route, const HttpRequest& request, std::string_view variable);

  HttpResponse create(const HttpRequest& request, std::string_view);
  HttpResponse find_draft(const HttpRequest& request, std::string_view draft_id);
  HttpResponse approve(const HttpRequest& request, std::string_view draft_id);
  HttpResponse list_parked(const HttpRequest& request, std::string_view);
  HttpResponse replay(const HttpRequest&, std::string_view event_id);
  HttpResponse discard(const HttpRequest&, std::string_view event_id);
  HttpResponse page(const HttpRequest&, std::string_view);
  HttpResponse healthz(const HttpRequest&, std::string_view);
  HttpResponse readyz(const HttpRequest&, std::string_view);
  HttpResponse metrics(const HttpRequest&, std::string_view);

  void record(const HttpRequest& request, const Route* route, unsigned status, std::chrono::nanoseconds duration);

  Application& application_;
  const AdminToken& admin_token_;
  OutboxAdmin outbox_admin_;
  std::mutex mutex_;
  std::map<std::pair<std::string_view, unsigned>, std::uint64_t> answers_;  // by route and status
  observers::Histogram durations_;
};

}  // namespace event_draft::server
