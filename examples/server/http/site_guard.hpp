#pragma once

#include <optional>
#include <string>
#include <vector>

#include "http_error.hpp"

namespace event_draft::server {

/// The names that this server answers to. A page on the web can't be kept from sending requests to a loopback port, and
/// can give that port a name of its own (DNS rebinding), so a server that is reachable by loopback only answers to the
/// names of loopback, and to those that its operator lists: the public name, when a proxy stands before it.
struct HostPolicy {
  bool any_host = false;
  std::vector<std::string> names{};  ///< besides `localhost` and IP addresses
};

/// Refuses a request that another site's page sent: `Origin` names another authority than `Host` (403), or `Host` is a
/// name that is not this server's (421). Requests of programs have no `Origin`.
[[nodiscard]] std::optional<HttpError> check_site(const HttpRequest& request, const HostPolicy& policy);

}  // namespace event_draft::server
