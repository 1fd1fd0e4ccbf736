#pragma once

#include <functional>
#include <string_view>

namespace event_draft::server {

/// Something for the operator's log.
struct HttpEvent {
  enum class Level { info, warning, error };

  Level level;
  std::string_view key;      ///< a word to filter by: `http.accept_failed`
  std::string_view details;  ///< valid during the call
};

/// Called by several threads at once. What it throws is ignored: a broken log does not stop the service.
using HttpEventHook = std::function<void(const HttpEvent&)>;

}  // namespace event_draft::server
