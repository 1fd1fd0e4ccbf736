#include "connect.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <string>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

namespace event_draft::redis {

namespace asio = boost::asio;
using asio::use_awaitable;
using boost::system::error_code;
using Tcp = asio::ip::tcp;

asio::awaitable<std::vector<Endpoint>> endpoints(Resolver& resolver, const Config& config) {
  std::vector<Endpoint> found;
  if (!config.unix_socket.empty()) {
    found.emplace_back(asio::local::stream_protocol::endpoint{config.unix_socket});
    co_return found;
  }
  error_code is_name;
  const auto address = asio::ip::make_address(config.host, is_name);
  if (!is_name) {
    found.emplace_back(Tcp::endpoint{address, config.port});
  } else {
    const auto entries = co_await resolver.async_resolve(config.host, std::to_string(config.port), use_awaitable);
    for (const auto& entry : entries) found.emplace_back(entry.endpoint());
  }
  co_return found;
}

asio::awaitable<void> connect(Socket& socket, std::vector<Endpoint> all, std::size_t first,
                              std::function<bool()> is_wanted) {
  error_code error = asio::error::host_not_found;
  if (!all.empty()) std::rotate(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(first % all.size()), all.end());
  for (const Endpoint& endpoint : all) {
    co_await socket.async_connect(endpoint, asio::redirect_error(use_awaitable, error));
    if (!error && endpoint.protocol().family() != AF_UNIX) socket.set_option(Tcp::no_delay{true});
    if (!error || error == asio::error::operation_aborted || !is_wanted()) break;
    socket.close();  // the next address may be of another family
  }
  if (error) throw boost::system::system_error{error};
}

}  // namespace event_draft::redis
