#pragma once

#include <sqlite3.h>

#include <array>
#include <span>

namespace event_draft::sqlite {

/// Marks a database as ours (`PRAGMA application_id`): "EvDr".
inline constexpr int application_id = 0x45764472;

/// What leads from one version of the schema to the next; the version is how many of them a database has seen
/// (`PRAGMA user_version`). Only ever appended to.
inline constexpr std::array migrations{
    R"sql(
CREATE TABLE drafts (
  id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id > 0),  -- of draft-{id}; never given twice
  user_id INTEGER NOT NULL CHECK (user_id > 0),
  objective TEXT NOT NULL CHECK (objective IN ('신규 고객 유치', '재방문 유도', '매출 증대', '인지도 향상')),
  store_name TEXT NOT NULL CHECK (length(store_name) BETWEEN 1 AND 100),
  industry TEXT NOT NULL CHECK (length(industry) BETWEEN 1 AND 50),
  address TEXT NOT NULL CHECK (length(address) BETWEEN 1 AND 200),
  status TEXT NOT NULL CHECK (status = 'DRAFT'),
  created_at INTEGER NOT NULL CHECK (created_at BETWEEN -62167219200000 AND 253402300799999)  -- ms since 1970, UTC
) STRICT;

CREATE TABLE in_progress_drafts (
  user_id INTEGER PRIMARY KEY CHECK (user_id > 0),
  draft_id INTEGER NOT NULL REFERENCES drafts (id),
  until INTEGER NOT NULL  -- ms since 1970, UTC, by the database's clock
) STRICT;
)sql",
    // Drafts can be approved, and their events are stored with them. SQLite can't change a CHECK, so the table is made anew.
    R"sql(
CREATE TABLE new_drafts (
  id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id > 0),  -- of draft-{id}; never given twice
  user_id INTEGER NOT NULL CHECK (user_id > 0),
  objective TEXT NOT NULL CHECK (objective IN ('신규 고객 유치', '재방문 유도', '매출 증대', '인지도 향상')),
  store_name TEXT NOT NULL CHECK (length(store_name) BETWEEN 1 AND 100),
  industry TEXT NOT NULL CHECK (length(industry) BETWEEN 1 AND 50),
  address TEXT NOT NULL CHECK (length(address) BETWEEN 1 AND 200),
  status TEXT NOT NULL CHECK (status IN ('DRAFT', 'APPROVED')),
  created_at INTEGER NOT NULL CHECK (created_at BETWEEN -62167219200000 AND 253402300799999),  -- ms since 1970, UTC
  approved_at INTEGER CHECK (approved_at BETWEEN -62167219200000 AND 253402300799999),
  CHECK ((status = 'APPROVED') = (approved_at IS NOT NULL))
) STRICT;
INSERT INTO new_drafts SELECT id, user_id, objective, store_name, industry, address, status, created_at, NULL FROM drafts;
DELETE FROM sqlite_sequence WHERE name = 'new_drafts';  -- the ids of deleted drafts count too
INSERT INTO sqlite_sequence SELECT 'new_drafts', seq FROM sqlite_sequence WHERE name = 'drafts';
DROP TABLE drafts;
ALTER TABLE new_drafts RENAME TO drafts;
DELETE FROM in_progress_drafts WHERE draft_id NOT IN (SELECT id FROM drafts);  -- they hold nothing

CREATE TABLE outbox (
  draft_id INTEGER NOT NULL REFERENCES drafts (id),
  type TEXT NOT NULL CHECK (type IN ('EventDraftCreated', 'EventCreated')),
  occurred_at INTEGER NOT NULL CHECK (occurred_at BETWEEN -62167219200000 AND 253402300799999),
  trace TEXT CHECK (length(trace) = 55),
  attempts INTEGER NOT NULL CHECK (attempts >= 0),
  available_at INTEGER CHECK (available_at IS NOT NULL OR type = 'EventCreated'),  -- null: an earlier event goes first
  lease INTEGER NOT NULL,  -- 0: nobody's
  published_at INTEGER,
  parked_at INTEGER,
  reason TEXT,
  PRIMARY KEY (draft_id, type),
  CHECK (published_at IS NULL OR parked_at IS NULL),
  CHECK ((parked_at IS NULL) = (reason IS NULL))
) STRICT, WITHOUT ROWID;
-- What is pending. Of the columns the first is searched; with the rest the statistics need nothing but the index.
CREATE INDEX outbox_pending ON outbox (available_at, occurred_at, attempts, published_at, parked_at)
WHERE published_at IS NULL AND parked_at IS NULL;
CREATE INDEX outbox_published ON outbox (published_at) WHERE published_at IS NOT NULL;
CREATE INDEX outbox_parked ON outbox (draft_id, type) WHERE parked_at IS NOT NULL;
)sql",
};

/// Brings a database to the newest version, in one transaction; an empty one is ours from then on. Throws `OpenError`
/// for a database of another application or of a newer version, and for one that can't be read or written. Foreign keys
/// must be off, and are checked at the end.
void migrate(sqlite3* database, std::span<const char* const> steps = migrations);

/// Runs statements that give no rows. Throws `OpenError`.
void execute(sqlite3* database, const char* sql);

}  // namespace event_draft::sqlite
