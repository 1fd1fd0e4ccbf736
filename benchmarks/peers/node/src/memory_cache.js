import { LRUCache } from 'lru-cache';

import { DRAFT_TTL_S, WINDOW_TTL_S, draftKey, fromCacheEntry, toCacheEntry, userKey } from './draft.js';

const MOST_ENTRIES = 100_000; // as many as the example server's

/** The same entries as in Redis, in the process. */
export class MemoryCache {
  #entries = new LRUCache({ max: MOST_ENTRIES, ttl: DRAFT_TTL_S * 1000 });

  async open() {}

  async draftInProgress(userId) {
    const entry = this.#entries.get(userKey(userId));
    return entry === undefined ? null : fromCacheEntry(entry, userId);
  }

  async remember(draft) {
    const entry = toCacheEntry(draft);
    this.#entries.set(draftKey(draft), entry);
    this.#entries.set(userKey(draft.userId), entry, { ttl: WINDOW_TTL_S * 1000 });
  }

  async close() {}
}
