#include "connect.hpp"

#include <string>
#include <vector>

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
using Endpoint = Socket::endpoint_type;
using Tcp = asio::ip::tcp;

namespace {

/// A name has as many as the resolver finds, in its own time; an address needs none.
asio::awaitable<std::vector<Endpoint>> endpoints(Resolver& resolver, const Config& config) {
  error_code is_name;
  const auto address = asio::ip::make_address(config.host, is_name);
  std::vector<Endpoint> found;
  if (!is_name) {
    found.emplace_back(Tcp::endpoint{address, config.port});
  } else {
    const auto entries = co_await resolver.async_resolve(config.host, std::to_string(config.port), use_awaitable);
    for (const auto& entry : entries) found.emplace_back(entry.endpoint());
  }
  co_return found;
}

}  // namespace

asio::awaitable<void> connect(Socket& socket, Resolver& resolver, const Config& config) {
  if (!config.unix_socket.empty()) {
    co_await socket.async_connect(asio::local::stream_protocol::endpoint{config.unix_socket}, use_awaitable);
    co_return;
  }
  error_code error = asio::error::host_not_found;
  const auto all = co_await endpoints(resolver, config);
  for (const auto& endpoint : all) {
    co_await socket.async_connect(endpoint, asio::redirect_error(use_awaitable, error));
    if (!error || error == asio::error::operation_aborted) break;
    socket.close();  // the next address may be of another family
  }
  if (error) throw boost::system::system_error{error};
  socket.set_option(Tcp::no_delay{true});
}

}  // namespace event_draft::redis
