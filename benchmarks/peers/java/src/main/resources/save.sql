-- The user's window is claimed and the draft stored in one statement, so in one transaction and one round trip. One row, of the
-- draft that was stored or of the one that holds the window; none when another save of this user was quicker just now.
WITH held AS (
  SELECT d.id, d.user_id, d.objective, d.store_name, d.industry, d.address, d.status, d.created_at
  FROM peer_java.in_progress_drafts p JOIN peer_java.drafts d ON d.id = p.draft_id
  WHERE p.user_id = ? AND p.until > statement_timestamp()
), taken AS (
  INSERT INTO peer_java.in_progress_drafts AS p (user_id, draft_id, until)
  SELECT ?, nextval('peer_java.drafts_id_seq'), clock_timestamp() + ?::bigint * interval '1 ms'
  WHERE NOT EXISTS (SELECT FROM held)
  ON CONFLICT (user_id) DO UPDATE SET draft_id = excluded.draft_id, until = excluded.until
  WHERE p.until <= clock_timestamp()
  RETURNING draft_id
), inserted AS (
  INSERT INTO peer_java.drafts (id, user_id, objective, store_name, industry, address, status, created_at)
  SELECT draft_id, ?, ?, ?, ?, ?, 'DRAFT', ? FROM taken
  RETURNING id, user_id, objective, store_name, industry, address, status, created_at
)
SELECT true AS created, * FROM inserted UNION ALL SELECT false, * FROM held
