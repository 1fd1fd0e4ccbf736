#pragma once

#include <string>
#include <string_view>

namespace event_draft::postgres {

/// What may be shown of a connection string: user, host, port and database, nothing else. Of one that libpq can't read, nothing.
[[nodiscard]] std::string shown_url(const std::string& url);

/// What a connection string says of one of libpq's keywords; empty where it says nothing, or can't be read.
[[nodiscard]] std::string setting_of(const std::string& url, std::string_view keyword);

[[nodiscard]] bool is_readable(const std::string& url);

}  // namespace event_draft::postgres
