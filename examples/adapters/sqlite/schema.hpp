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
};

/// Brings a database to the newest version, in one transaction; an empty one is ours from then on. Throws `OpenError`
/// for a database of another application or of a newer version, and for one that can't be read or written.
void migrate(sqlite3* database, std::span<const char* const> steps = migrations);

/// Runs statements that give no rows. Throws `OpenError`.
void execute(sqlite3* database, const char* sql);

}  // namespace event_draft::sqlite
