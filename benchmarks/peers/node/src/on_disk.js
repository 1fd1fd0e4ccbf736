// Without another server, as the example server is by default: SQLite, a cache in the process and a log of events.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { EventLog } from './event_log.js';
import { MemoryCache } from './memory_cache.js';
import { SqliteRepository } from './sqlite_repository.js';

export function onDisk(folder) {
  mkdirSync(folder, { recursive: true });
  return {
    repository: new SqliteRepository(join(folder, 'drafts.db')),
    cache: new MemoryCache(),
    publisher: new EventLog(join(folder, 'events.jsonl')),
  };
}
