-- The user's window is claimed and the draft stored in one statement, so in one transaction and one round trip. One row, of the
-- draft that was stored or of the one that holds the window; none when another save of this user was quicker just now.
WITH held AS (
  SELECT d.id, d.user_id, d.objective, d.store_name, d.industry, d.address, d.status, d.created_at
  FROM peer_go.in_progress_drafts p JOIN peer_go.drafts d ON d.id = p.draft_id
  WHERE p.user_id = $1 AND p.until > statement_timestamp()
), taken AS (
  INSERT INTO peer_go.in_progress_drafts AS p (user_id, draft_id, until)
  SELECT $1, nextval('peer_go.drafts_id_seq'), clock_timestamp() + $7::bigint * interval '1 ms'
  WHERE NOT EXISTS (SELECT FROM held)
  ON CONFLICT (user_id) DO UPDATE SET draft_id = excluded.draft_id, until = excluded.until
  WHERE p.until <= clock_timestamp()
  RETURNING draft_id
), inserted AS (
  INSERT INTO peer_go.drafts (id, user_id, objective, store_name, industry, address, status, created_at)
  SELECT draft_id, $1, $2, $3, $4, $5, 'DRAFT', $6 FROM taken
  RETURNING id, user_id, objective, store_name, industry, address, status, created_at
)
SELECT true AS created, * FROM inserted UNION ALL SELECT false, * FROM held
