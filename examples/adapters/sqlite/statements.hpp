#pragma once

#include <string_view>

// What goes to the database. Times are in milliseconds since 1970, UTC; `now` is the database's own.
namespace event_draft::sqlite::sql {

/// (user, now) the draft that holds the user's window, if any; columns as in `find`, all null when the draft is missing
inline constexpr std::string_view holder = R"sql(
SELECT d.id, d.user_id, d.objective, d.store_name, d.industry, d.address, d.status, d.created_at
FROM in_progress_drafts p LEFT JOIN drafts d ON d.id = p.draft_id AND d.user_id = p.user_id
WHERE p.user_id = ?1 AND p.until > ?2
)sql";

/// (user, objective, store name, industry, address, status, created at)
inline constexpr std::string_view insert = R"sql(
INSERT INTO drafts (user_id, objective, store_name, industry, address, status, created_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
)sql";

/// (user, draft, end of the window)
inline constexpr std::string_view take_window = R"sql(
INSERT INTO in_progress_drafts (user_id, draft_id, until) VALUES (?1, ?2, ?3)
ON CONFLICT (user_id) DO UPDATE SET draft_id = excluded.draft_id, until = excluded.until
)sql";

/// (id)
inline constexpr std::string_view find = R"sql(
SELECT id, user_id, objective, store_name, industry, address, status, created_at FROM drafts WHERE id = ?1
)sql";

/// (id, status, approved at)
inline constexpr std::string_view approve = "UPDATE drafts SET status = ?2, approved_at = ?3 WHERE id = ?1";

/// (user, draft)
inline constexpr std::string_view end_window = "DELETE FROM in_progress_drafts WHERE user_id = ?1 AND draft_id = ?2";

inline constexpr std::string_view ready = "SELECT 1 FROM drafts LIMIT 1";

}  // namespace event_draft::sqlite::sql
