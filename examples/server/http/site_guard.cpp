#include "site_guard.hpp"

#include <algorithm>

#include "request_head.hpp"

namespace event_draft::server {

namespace {

bool is_ipv4_address(std::string_view host) {
  // A name can't end in a digit-only label, so the last label tells the two apart.
  const auto last_label = host.substr(host.rfind('.') + 1);
  return !last_label.empty() && std::ranges::all_of(last_label, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_allowed(std::string_view host, const HostPolicy& policy) {
  if (policy.any_host || host.empty() || host.starts_with('[') || is_ipv4_address(host)) return true;
  const auto is_host = [&](std::string_view name) { return equal_ignoring_case(name, host); };
  return is_host("localhost") || std::ranges::any_of(policy.names, is_host);
}

struct Scheme {
  std::string_view prefix;
  std::string_view default_port;
};

constexpr Scheme schemes[] = {{"http://", ":80"}, {"https://", ":443"}};

std::string_view without(std::string_view suffix, std::string_view authority) {
  if (authority.ends_with(suffix)) authority.remove_suffix(suffix.size());
  return authority;
}

bool is_same_site(std::string_view origin, std::string_view host) {
  return std::ranges::any_of(schemes, [&](const Scheme& scheme) {
    if (!equal_ignoring_case(origin.substr(0, scheme.prefix.size()), scheme.prefix)) return false;
    const auto authority = without(scheme.default_port, origin.substr(scheme.prefix.size()));
    return !authority.empty() && equal_ignoring_case(authority, without(scheme.default_port, host));
  });
}

bool has_origin(const HttpRequest& request) {
  return std::ranges::any_of(request.headers,
                             [](const HttpHeader& header) { return equal_ignoring_case(header.name, "Origin"); });
}

}  // namespace

std::optional<HttpError> check_site(const HttpRequest& request, const HostPolicy& policy) {
  const auto host = request.header("Host");
  if (!is_allowed(host_name(host), policy))
    return HttpError{421, "MISDIRECTED_REQUEST", "The Host is not one of this server's names."};
  if (has_origin(request) && !is_same_site(request.header("Origin"), host))
    return HttpError{403, "CROSS_ORIGIN", "Another site's page may not call this server."};
  return std::nullopt;
}

}  // namespace event_draft::server
