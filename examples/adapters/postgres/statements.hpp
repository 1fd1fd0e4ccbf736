#pragma once

#include "statement.hpp"

// What goes to the database. Every time that is compared is the database's own. Spans are in milliseconds. The tables are those
// of the first schema of the role's `search_path`.
namespace event_draft::postgres::sql {

/// (limit of a statement in ms, of a wait for a lock; as text, 0 is none) goes before every statement, in its transaction. It also
/// refuses a database whose transactions are not READ COMMITTED by default, where `settle` and `approve` could miss each
/// other's events.
inline constexpr Statement limit_time = R"sql(
SELECT set_config('statement_timeout', $1::text, true), set_config('lock_timeout', $2::text, true),
       set_config('transaction_isolation', 'read committed', true)
)sql";

/// (user, objective, store name, industry, address, created at, window, draft whose claim is passed on, trace, lease, token)
/// -> inserted, draft that claims, and the holder's columns as in `find`: one row of what was inserted or of who holds the
/// window; none when another save of this user was quicker just now, whom the next try will see.
inline constexpr Statement save = R"sql(
WITH held AS (
  SELECT p.draft_id AS claims, d.id, d.user_id, d.objective, d.store_name, d.industry, d.address, d.status, d.created_at
  FROM in_progress_drafts p LEFT JOIN drafts d ON d.id = p.draft_id AND d.user_id = p.user_id
  WHERE p.user_id = $1::bigint AND p.until > statement_timestamp() AND p.draft_id IS DISTINCT FROM $8::bigint
), taken AS (
  INSERT INTO in_progress_drafts AS p (user_id, draft_id, until)
  SELECT $1::bigint, nextval('drafts_id_seq'), clock_timestamp() + $7::bigint * interval '1 ms'
  WHERE NOT EXISTS (SELECT FROM held)
  ON CONFLICT (user_id) DO UPDATE SET draft_id = excluded.draft_id, until = excluded.until
  WHERE p.until <= clock_timestamp() OR p.draft_id = $8::bigint
  RETURNING p.draft_id
), inserted AS (
  INSERT INTO drafts (id, user_id, objective, store_name, industry, address, status, created_at)
  SELECT draft_id, $1::bigint, $2::text, $3::text, $4::text, $5::text, 'DRAFT', $6::timestamptz FROM taken
  RETURNING id
), event AS (
  INSERT INTO outbox (draft_id, type, occurred_at, trace, attempts, available_at, lease)
  SELECT id, 'EventDraftCreated', $6::timestamptz, $9::text, 1, clock_timestamp() + $10::bigint * interval '1 ms',
         $11::bigint
  FROM inserted
)
SELECT true, id, NULL::bigint, NULL::bigint, NULL::text, NULL::text, NULL::text, NULL::text, NULL::text,
       NULL::timestamptz
FROM inserted
UNION ALL
SELECT false, claims, id, user_id, objective, store_name, industry, address, status, created_at FROM held
)sql";

/// `save` for many users at once, no user twice and no claim passed on: (users, objectives, store names, industries, addresses,
/// created at, windows, traces, leases, tokens), arrays, an element a draft -> the draft's place in them, and what `save` gives.
/// Claims are taken in the users' order, so that two of these wait for each other and never in a circle. OFFSET 0 keeps the server
/// from joining all claims there are, which a plan that it made when there were few would do for ever.
inline constexpr Statement save_many = R"sql(
WITH asked AS (
  SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::bigint[],
                       $8::text[], $9::bigint[], $10::bigint[]) WITH ORDINALITY
    AS a (user_id, objective, store_name, industry, address, created_at, window_ms, trace, lease_ms, token, n)
), held AS (
  SELECT a.n, h.*
  FROM asked a CROSS JOIN LATERAL (
    SELECT p.draft_id AS claims, d.id, d.user_id, d.objective, d.store_name, d.industry, d.address, d.status,
           d.created_at
    FROM in_progress_drafts p LEFT JOIN drafts d ON d.id = p.draft_id AND d.user_id = p.user_id
    WHERE p.user_id = a.user_id AND p.until > statement_timestamp() OFFSET 0
  ) h
), taken AS (
  INSERT INTO in_progress_drafts AS p (user_id, draft_id, until)
  SELECT a.user_id, nextval('drafts_id_seq'), clock_timestamp() + a.window_ms * interval '1 ms'
  FROM asked a WHERE NOT EXISTS (SELECT FROM held h WHERE h.n = a.n) ORDER BY a.user_id
  ON CONFLICT (user_id) DO UPDATE SET draft_id = excluded.draft_id, until = excluded.until
  WHERE p.until <= clock_timestamp()
  RETURNING p.user_id, p.draft_id
), inserted AS (
  INSERT INTO drafts (id, user_id, objective, store_name, industry, address, status, created_at)
  SELECT t.draft_id, a.user_id, a.objective, a.store_name, a.industry, a.address, 'DRAFT', a.created_at
  FROM taken t JOIN asked a ON a.user_id = t.user_id
  RETURNING id, user_id
), event AS (
  INSERT INTO outbox (draft_id, type, occurred_at, trace, attempts, available_at, lease)
  SELECT i.id, 'EventDraftCreated', a.created_at, a.trace, 1, clock_timestamp() + a.lease_ms * interval '1 ms', a.token
  FROM inserted i JOIN asked a ON a.user_id = i.user_id
)
SELECT a.n, true, i.id, NULL::bigint, NULL::bigint, NULL::text, NULL::text, NULL::text, NULL::text, NULL::text,
       NULL::timestamptz
FROM inserted i JOIN asked a ON a.user_id = i.user_id
UNION ALL
SELECT n, false, claims, id, user_id, objective, store_name, industry, address, status, created_at FROM held
)sql";

/// (id)
inline constexpr Statement find = R"sql(
SELECT id, user_id, objective, store_name, industry, address, status, created_at FROM drafts WHERE id = $1::bigint
)sql";

/// (id, user, approved at, trace, lease, token) -> whether its event waits for the first one, if it was approved now. The
/// first event's row is locked: who settles it at this moment is waited for, or sees the new event afterwards.
inline constexpr Statement approve = R"sql(
WITH approved AS (
  UPDATE drafts SET status = 'APPROVED', approved_at = $3::timestamptz
  WHERE id = $1::bigint AND user_id = $2::bigint AND status = 'DRAFT'
  RETURNING id, user_id
), ended AS (
  DELETE FROM in_progress_drafts p USING approved a WHERE p.user_id = a.user_id AND p.draft_id = a.id
), first_event AS (
  SELECT o.published_at FROM outbox o JOIN approved a ON a.id = o.draft_id
  WHERE o.type = 'EventDraftCreated' FOR UPDATE OF o
), approval AS (
  SELECT a.id, EXISTS (SELECT FROM first_event WHERE published_at IS NULL) AS waits FROM approved a
), event AS (
  INSERT INTO outbox (draft_id, type, occurred_at, trace, attempts, available_at, lease)
  SELECT id, 'EventCreated', $3::timestamptz, $4::text, CASE WHEN waits THEN 0 ELSE 1 END,
         CASE WHEN NOT waits THEN clock_timestamp() + $5::bigint * interval '1 ms' END,
         CASE WHEN waits THEN 0 ELSE $6::bigint END
  FROM approval
)
SELECT waits FROM approval
)sql";

/// Reads what a save needs to be there, and nothing else.
inline constexpr Statement ready = R"sql(
SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean, (SELECT true FROM drafts LIMIT 1)
)sql";

}  // namespace event_draft::postgres::sql
