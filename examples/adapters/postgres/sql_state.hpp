#pragma once

#include <event_draft/error.hpp>
#include <string_view>

namespace event_draft::postgres {

/// What an error that the server reports (SQLSTATE, PostgreSQL's appendix A) means for the call whose transaction it ended.
/// Only what a pooler says of a server that it has lost leaves the effect unknown.
[[nodiscard]] Error error_of(std::string_view sql_state) noexcept;

/// A conflict with another transaction: the same, tried again at once, may go well.
[[nodiscard]] bool is_conflict(std::string_view sql_state) noexcept;

/// The connection has no future: the server goes away, or is no longer one that can be written to.
[[nodiscard]] bool ends_connection(std::string_view sql_state) noexcept;

/// What an operator could do about it; empty where the server's own words do.
[[nodiscard]] std::string_view advice(std::string_view sql_state) noexcept;

}  // namespace event_draft::postgres
