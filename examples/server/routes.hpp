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
#include "http/log_interval.hpp"
#include "outbox_admin.hpp"

namespace event_draft::server {

/// Takes each request to its handler, and keeps the log and the figures of what was asked and answered.
class Routes {
 public:
  Routes(Application& application, const AdminToken& admin_token) noexcept
      : application_{application}, admin_token_{admin_token}, outbox_admin_{application} {}

  /// On the thread of the driver's loop. The request lives until it has been answered.
  [[nodiscard]] Task<HttpResponse> answer(Driver& driver, const HttpRequest& request);
  /// From any thread: counts what the transport answered by itself.
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
  HttpResponse busy();

  // They throw `NoWorker`.
  Task<HttpResponse> create(Driver& driver, const HttpRequest& request, std::string_view);
  Task<HttpResponse> find_draft(Driver& driver, const HttpRequest& request, std::string_view draft_id);
  Task<HttpResponse> approve(Driver& driver, const HttpRequest& request, std::string_view draft_id);
  Task<HttpResponse> list_parked(Driver& driver, const HttpRequest& request, std::string_view);
  Task<HttpResponse> replay(Driver& driver, const HttpRequest&, std::string_view event_id);
  Task<HttpResponse> discard(Driver& driver, const HttpRequest&, std::string_view event_id);
  Task<HttpResponse> page(Driver& driver, const HttpRequest&, std::string_view);
  Task<HttpResponse> healthz(Driver& driver, const HttpRequest&, std::string_view);
  Task<HttpResponse> readyz(Driver& driver, const HttpRequest&, std::string_view);
  Task<HttpResponse> metrics(Driver& driver, const HttpRequest&, std::string_view);

  void record(const HttpRequest& request, const Route* route, unsigned status, std::chrono::nanoseconds duration);

  Application& application_;
  const AdminToken& admin_token_;
  OutboxAdmin outbox_admin_;
  std::mutex mutex_;
  std::map<std::pair<std::string_view, unsigned>, std::uint64_t> answers_;  // by route and status
  observers::Histogram durations_;
  LogInterval busy_log_;
};

}  // namespace event_draft::server
