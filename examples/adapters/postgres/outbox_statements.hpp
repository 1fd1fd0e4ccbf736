#pragma once

#include "statement.hpp"

// What goes to the database for the outbox. Every time that is compared is the database's own. An event is named by its draft's
// number and its type; one that waits for an earlier event of its draft is available at no time.
namespace event_draft::postgres::sql {

/// (limit, span of the lease, token of the first) -> what is due, in that order; the draft's columns are NULL when it is
/// missing. What another claim has locked is skipped. The attempts of a row that breaks the rules come back as such.
inline constexpr Statement claim = R"sql(
WITH due AS (
  SELECT draft_id, type, available_at FROM outbox
  WHERE published_at IS NULL AND parked_at IS NULL AND available_at <= statement_timestamp()
  ORDER BY available_at LIMIT $1::bigint FOR UPDATE SKIP LOCKED
), numbered AS (
  SELECT draft_id, type, row_number() OVER (ORDER BY available_at, draft_id, type) - 1 AS n FROM due
), claimed AS (
  UPDATE outbox o
  SET attempts = least(greatest(o.attempts, -1), 2147483646) + 1,
      available_at = clock_timestamp() + $2::bigint * interval '1 ms', lease = $3::bigint + n.n
  FROM numbered n WHERE o.draft_id = n.draft_id AND o.type = n.type
  RETURNING o.draft_id, o.type, o.occurred_at, o.trace, o.attempts::bigint AS attempts, o.lease, n.n
)
SELECT c.draft_id, c.type, c.occurred_at, c.trace, c.attempts, c.lease, d.user_id, d.objective, d.created_at
FROM claimed c LEFT JOIN drafts d ON d.id = c.draft_id ORDER BY c.n
)sql";

/// (draft, type, reason) of a row that breaks the domain's rules, perhaps in the number of its attempts
inline constexpr Statement park_corrupt = R"sql(
UPDATE outbox SET parked_at = clock_timestamp(), reason = $3::text, lease = 0, attempts = least(greatest(attempts, 1), 1000000)
WHERE draft_id = $1::bigint AND type = $2::text AND published_at IS NULL AND parked_at IS NULL
)sql";

/// (drafts, types, leases, fates, spans until a retry, attempts that don't count, reasons): arrays, an element a settlement.
/// Only the first of a lease counts, and only while its event is pending: one that somebody has parked by hand is not. That is
/// asked in words that keep the server from reading all of `outbox_pending` while it has no statistics.
inline constexpr Statement settle = R"sql(
WITH told AS (
  SELECT DISTINCT ON (draft_id, type, lease) * FROM unnest(
    $1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::text[]) WITH ORDINALITY
    AS t (draft_id, type, lease, fate, after, uncounted, reason, n)
  ORDER BY draft_id, type, lease, n
), held AS (
  SELECT o.draft_id, o.type, t.fate, t.after, t.uncounted, t.reason
  FROM told t JOIN outbox o ON o.draft_id = t.draft_id AND o.type = t.type AND o.lease = t.lease
  WHERE coalesce(o.published_at, o.parked_at) IS NULL
  ORDER BY o.draft_id, o.type FOR UPDATE OF o
)
UPDATE outbox o
SET lease = 0, attempts = greatest(o.attempts - h.uncounted, 0),
    published_at = CASE WHEN h.fate = 'published' THEN clock_timestamp() END,
    available_at = CASE WHEN h.fate = 'retry' THEN clock_timestamp() + h.after * interval '1 ms' ELSE o.available_at END,
    parked_at = CASE WHEN h.fate = 'parked' THEN clock_timestamp() END,
    reason = CASE WHEN h.fate = 'parked' THEN h.reason END
FROM held h WHERE o.draft_id = h.draft_id AND o.type = h.type
)sql";

/// (drafts) whose waiting events may go now, if their turn has come. A statement of its own after the one that settled: only so
/// it sees what was committed while that one waited for a lock. One notification, when there is something to be claimed.
inline constexpr Statement release = R"sql(
WITH released AS (
  UPDATE outbox o SET available_at = clock_timestamp()
  WHERE o.draft_id = ANY ($1::bigint[]) AND o.type = 'EventCreated' AND o.available_at IS NULL
    AND (SELECT e.published_at IS NULL FROM outbox e
         WHERE e.draft_id = o.draft_id AND e.type = 'EventDraftCreated') IS NOT TRUE
  RETURNING 1
)
SELECT pg_notify('event_draft_outbox', '') FROM (SELECT FROM released LIMIT 1) any_of_them
)sql";

/// (age, limit)
inline constexpr Statement remove_published = R"sql(
WITH old AS (
  SELECT draft_id, type FROM outbox WHERE published_at < statement_timestamp() - $1::bigint * interval '1 ms'
  ORDER BY published_at LIMIT $2::bigint FOR UPDATE SKIP LOCKED
)
DELETE FROM outbox o USING old WHERE o.draft_id = old.draft_id AND o.type = old.type
)sql";

/// Of the first 100,000 that are due next, so that asking stays cheap when it matters.
inline constexpr Statement stats = R"sql(
SELECT count(*), floor(extract(epoch FROM statement_timestamp() - min(occurred_at)) * 1000)::bigint,
       max(attempts)::bigint, (SELECT count(*) FROM outbox WHERE parked_at IS NOT NULL)
FROM (SELECT occurred_at, attempts FROM outbox WHERE published_at IS NULL AND parked_at IS NULL
      ORDER BY available_at LIMIT 100000) pending
)sql";

/// (draft, type, limit) those after it
inline constexpr Statement parked = R"sql(
SELECT draft_id, type, attempts::bigint, reason, parked_at FROM outbox
WHERE parked_at IS NOT NULL AND (draft_id, type) > ($1::bigint, $2::text) ORDER BY draft_id, type LIMIT $3::bigint
)sql";

/// (draft, type) -> a row if it was parked
inline constexpr Statement replay = R"sql(
WITH replayed AS (
  UPDATE outbox SET parked_at = NULL, reason = NULL, attempts = 0, available_at = clock_timestamp()
  WHERE draft_id = $1::bigint AND type = $2::text AND parked_at IS NOT NULL RETURNING 1
)
SELECT pg_notify('event_draft_outbox', '') FROM replayed
)sql";

/// (draft, type) -> a row if it was parked
inline constexpr Statement discard = R"sql(
DELETE FROM outbox WHERE draft_id = $1::bigint AND type = $2::text AND parked_at IS NOT NULL RETURNING true
)sql";

}  // namespace event_draft::postgres::sql
