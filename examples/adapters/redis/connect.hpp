#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "config.hpp"

namespace event_draft::redis {

using Socket = boost::asio::generic::stream_protocol::socket;
using Endpoint = Socket::endpoint_type;
using Resolver = boost::asio::ip::tcp::resolver;

/// Where the config says that the server is. A name has as many as the resolver finds, in its own time, and ends early only if the
/// resolver is cancelled before it has begun. Throws `boost::system::system_error`, as `connect` does.
boost::asio::awaitable<std::vector<Endpoint>> endpoints(Resolver& resolver, const Config& config);

/// Connects to one of `all`, beginning with the one numbered `first`, counted around: those behind one that never answers have no
/// turn. It ends early when the socket is closed; the next is tried as long as it is wanted.
boost::asio::awaitable<void> connect(Socket& socket, std::vector<Endpoint> all, std::size_t first,
                                     std::function<bool()> is_wanted);

}  // namespace event_draft::redis
