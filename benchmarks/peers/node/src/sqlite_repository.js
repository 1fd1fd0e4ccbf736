import Database from 'better-sqlite3';

import { WINDOW_MS } from './draft.js';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS drafts (
  id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL,
  objective TEXT NOT NULL,
  store_name TEXT NOT NULL,
  industry TEXT NOT NULL,
  address TEXT NOT NULL,
  status TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS in_progress_drafts (
  user_id INTEGER PRIMARY KEY,
  draft_id INTEGER NOT NULL REFERENCES drafts (id),
  until INTEGER NOT NULL
) STRICT;
`;

const toDraft = (row) => ({
  eventDraftId: `draft-${row.id}`,
  userId: row.user_id,
  objective: row.objective,
  storeName: row.store_name,
  industry: row.industry,
  address: row.address,
  status: row.status,
  createdAt: new Date(row.created_at).toISOString(),
});

/** Every call blocks until it is on the disk, as better-sqlite3 does; its authors advise so, and SQLite has one writer anyway. */
export class SqliteRepository {
  #save;

  constructor(path) {
    this.database = new Database(path);
    this.database.pragma('journal_mode = WAL');
    this.database.pragma('synchronous = FULL');
    this.database.pragma('foreign_keys = ON');
    this.database.exec(SCHEMA);

    const held = this.database.prepare(
      'SELECT d.* FROM in_progress_drafts p JOIN drafts d ON d.id = p.draft_id WHERE p.user_id = ? AND p.until > ?');
    const insert = this.database.prepare(
      `INSERT INTO drafts (user_id, objective, store_name, industry, address, status, created_at)
       VALUES (@userId, @objective, @storeName, @industry, @address, 'DRAFT', @now) RETURNING *`);
    const claim = this.database.prepare(
      `INSERT INTO in_progress_drafts (user_id, draft_id, until) VALUES (?, ?, ?)
       ON CONFLICT (user_id) DO UPDATE SET draft_id = excluded.draft_id, until = excluded.until`);
    this.#save = this.database.transaction((command) => {
      const now = Date.now();
      const inProgress = held.get(command.userId, now);
      if (inProgress) return { draft: toDraft(inProgress), created: false };
      const row = insert.get({ ...command, now });
      claim.run(command.userId, row.id, now + WINDOW_MS);
      return { draft: toDraft(row), created: true };
    });
  }

  async open() {}

  /** Claims the user's window and stores the draft; where the window is held, gives the draft that holds it. */
  async save(command) {
    return this.#save.immediate(command);
  }

  async close() {
    this.database.close();
  }
}
