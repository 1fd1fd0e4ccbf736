#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <optional>
#include <string>

#include "addresses.hpp"

namespace event_draft::postgres {

/// The addresses behind the names of a connection string, in its order, but beginning with the one numbered `first`, counted around; a
/// name that is not known is left out. nullopt: there is no name in it.
/// \throws boost::system::system_error when none of them is known
[[nodiscard]] boost::asio::awaitable<std::optional<Addresses>> look_up(boost::asio::ip::tcp::resolver& resolver,
                                                                       const std::string& url, std::size_t first);

}  // namespace event_draft::postgres
