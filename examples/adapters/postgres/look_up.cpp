#include "look_up.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <vector>

#include "shown_url.hpp"

namespace event_draft::postgres {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts{1};
  for (const char c : list) {
    if (c == ',') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

/// As it is for a name, a path or nothing.
bool is_name(const std::string& host) {
  error_code error;
  asio::ip::make_address(host, error);
  return error && !host.empty() && host.front() != '/' && host.front() != '@';
}

}  // namespace

asio::awaitable<std::optional<Addresses>> look_up(asio::ip::tcp::resolver& resolver, const std::string& url,
                                                  std::size_t first) {
  const auto hosts = split(setting_of(url, "host"));
  const std::string given_ports = setting_of(url, "port");
  const auto ports = split(given_ports);
  bool has_name = false;
  for (const std::string& host : hosts) has_name = has_name || is_name(host);
  if (!has_name || !setting_of(url, "hostaddr").empty()) co_return std::nullopt;

  struct Place {
    std::string host;
    std::string address;
    std::string port;
  };
  std::vector<Place> found;
  error_code failure;
  for (std::size_t i = 0; i != hosts.size(); ++i) {
    const std::string& port = ports.size() == hosts.size() ? ports[i] : ports.front();
    if (!is_name(hosts[i])) {
      error_code is_path;
      asio::ip::make_address(hosts[i], is_path);
      found.push_back({hosts[i], is_path ? std::string{} : hosts[i], port});
      continue;
    }
    const auto [error, entries] = co_await resolver.async_resolve(hosts[i], port, asio::as_tuple(asio::use_awaitable));
    if (error) failure = error;
    for (const auto& entry : entries) found.push_back({hosts[i], entry.endpoint().address().to_string(), port});
  }
  if (found.empty()) throw boost::system::system_error{failure};
  Addresses addresses;
  for (std::size_t i = 0; i != found.size(); ++i) {
    const auto& [host, address, port] = found[(first + i) % found.size()];
    addresses.add(host, address, port);
  }
  if (given_ports.empty()) addresses.ports.clear();  // so that libpq takes what it would: PGPORT, or its own
  co_return addresses;
}

}  // namespace event_draft::postgres
