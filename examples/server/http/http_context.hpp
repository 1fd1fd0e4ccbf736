#pragma once

#include <atomic>
#include <exception>
#include <string_view>

#include "http_event.hpp"
#include "http_limits.hpp"
#include "http_message.hpp"
#include "site_guard.hpp"

namespace event_draft::server {

/// What all sessions of a server share. Only the two flags change while it runs.
struct HttpContext {
  HttpLimits limits;
  HostPolicy hosts;
  HttpEventHook hook;
  RefusalHook on_refusal;
  std::atomic<bool> stopping = false;  ///< no further requests
  std::atomic<bool> cut = false;       ///< no further answers

  void report(HttpEvent::Level level, std::string_view key, std::string_view details) const noexcept {
    try {
      if (hook) hook({.level = level, .key = key, .details = details});
    } catch (...) {  // promised by the hook's comment
    }
  }
};

}  // namespace event_draft::server
