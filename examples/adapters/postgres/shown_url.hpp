#pragma once

#include <string>

namespace event_draft::postgres {

/// What may be shown of a connection string: user, host, port and database, nothing else. Of one that libpq can't read, nothing.
[[nodiscard]] std::string shown_url(const std::string& url);

[[nodiscard]] bool is_readable(const std::string& url);

}  // namespace event_draft::postgres
