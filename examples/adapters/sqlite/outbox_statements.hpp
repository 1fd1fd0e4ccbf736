#pragma once

#include <string_view>

// What goes to the database for the outbox. Times are in milliseconds since 1970, UTC; `now` is the database's own. An event
// is named by its draft's number and its type; one that waits for an earlier event of its draft is available at no time.
namespace event_draft::sqlite::sql {

/// (draft, type, occurred at, trace, attempts, available at, lease)
inline constexpr std::string_view insert_event = R"sql(
INSERT INTO outbox (draft_id, type, occurred_at, trace, attempts, available_at, lease)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
)sql";

/// (draft, type)
inline constexpr std::string_view is_unpublished = R"sql(
SELECT 1 FROM outbox WHERE draft_id = ?1 AND type = ?2 AND published_at IS NULL
)sql";

/// (now)
inline constexpr std::string_view has_due = R"sql(
SELECT 1 FROM outbox INDEXED BY outbox_pending
WHERE published_at IS NULL AND parked_at IS NULL AND available_at <= ?1 LIMIT 1
)sql";

/// (now, limit) the draft's columns are null when it is missing
inline constexpr std::string_view due = R"sql(
SELECT o.draft_id, o.type, o.occurred_at, o.trace, o.attempts, d.user_id, d.objective, d.created_at
FROM outbox o INDEXED BY outbox_pending LEFT JOIN drafts d ON d.id = o.draft_id
WHERE o.published_at IS NULL AND o.parked_at IS NULL AND o.available_at <= ?1
ORDER BY o.available_at LIMIT ?2
)sql";

/// (draft, type, available at, lease)
inline constexpr std::string_view claim = R"sql(
UPDATE outbox SET attempts = attempts + 1, available_at = ?3, lease = ?4 WHERE draft_id = ?1 AND type = ?2
)sql";

/// (draft, type, now, reason) of a row that breaks the domain's rules, perhaps in the number of its attempts
inline constexpr std::string_view park_corrupt = R"sql(
UPDATE outbox SET parked_at = ?3, reason = ?4, lease = 0, attempts = min(max(attempts, 0), 1000000) + 1
WHERE draft_id = ?1 AND type = ?2
)sql";

// A settlement is for the lease's holder, of an event that is still pending: one that somebody has parked by hand is not.

/// (draft, type, lease, now)
inline constexpr std::string_view settle_published = R"sql(
UPDATE outbox SET lease = 0, published_at = ?4
WHERE draft_id = ?1 AND type = ?2 AND lease = ?3 AND published_at IS NULL AND parked_at IS NULL
)sql";

/// (draft, type, lease, available at, attempts that don't count)
inline constexpr std::string_view settle_retry = R"sql(
UPDATE outbox SET lease = 0, available_at = ?4, attempts = max(attempts - ?5, 0)
WHERE draft_id = ?1 AND type = ?2 AND lease = ?3 AND published_at IS NULL AND parked_at IS NULL
)sql";

/// (draft, type, lease, now, reason)
inline constexpr std::string_view settle_parked = R"sql(
UPDATE outbox SET lease = 0, parked_at = ?4, reason = ?5
WHERE draft_id = ?1 AND type = ?2 AND lease = ?3 AND published_at IS NULL AND parked_at IS NULL
)sql";

/// (draft, type, now) an event whose turn has come
inline constexpr std::string_view release = R"sql(
UPDATE outbox SET available_at = ?3 WHERE draft_id = ?1 AND type = ?2 AND available_at IS NULL
)sql";

/// (before, limit)
inline constexpr std::string_view remove_published = R"sql(
DELETE FROM outbox WHERE (draft_id, type) IN (
  SELECT draft_id, type FROM outbox INDEXED BY outbox_published WHERE published_at < ?1 ORDER BY published_at LIMIT ?2)
)sql";

/// Of the first 100,000 that are due next: counting more would keep requests from the connection.
inline constexpr std::string_view pending = R"sql(
SELECT count(*), min(occurred_at), max(attempts) FROM (
  SELECT occurred_at, attempts FROM outbox INDEXED BY outbox_pending
  WHERE published_at IS NULL AND parked_at IS NULL ORDER BY available_at LIMIT 100000)
)sql";

inline constexpr std::string_view count_parked = R"sql(
SELECT count(*) FROM outbox INDEXED BY outbox_parked WHERE parked_at IS NOT NULL
)sql";

/// (draft, type) those after it
inline constexpr std::string_view parked = R"sql(
SELECT draft_id, type, attempts, reason, parked_at FROM outbox INDEXED BY outbox_parked
WHERE parked_at IS NOT NULL AND (draft_id, type) > (?1, ?2) ORDER BY draft_id, type
)sql";

/// (draft, type, now)
inline constexpr std::string_view replay = R"sql(
UPDATE outbox SET parked_at = NULL, reason = NULL, attempts = 0, available_at = ?3
WHERE draft_id = ?1 AND type = ?2 AND parked_at IS NOT NULL
)sql";

/// (draft, type)
inline constexpr std::string_view discard = R"sql(
DELETE FROM outbox WHERE draft_id = ?1 AND type = ?2 AND parked_at IS NOT NULL
)sql";

}  // namespace event_draft::sqlite::sql
