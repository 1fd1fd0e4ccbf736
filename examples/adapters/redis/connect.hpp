#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "config.hpp"

namespace event_draft::redis {

using Socket = boost::asio::generic::stream_protocol::socket;
using Resolver = boost::asio::ip::tcp::resolver;

/// Connects to where the config says. Ends early when the socket is closed and the resolver cancelled. Throws `boost::system::system_error`.
boost::asio::awaitable<void> connect(Socket& socket, Resolver& resolver, const Config& config);

}  // namespace event_draft::redis
