import Redis from 'ioredis';

import { DRAFT_TTL_S, WINDOW_TTL_S, draftKey, fromCacheEntry, toCacheEntry, userKey } from './draft.js';

export class RedisCache {
  constructor(url, log) {
    this.redis = new Redis(url, {
      lazyConnect: true,
      enableAutoPipelining: true, // what is asked in one turn of the event loop goes out in one write
      enableOfflineQueue: false, // a cache that is away is an error at once, and no wait
      maxRetriesPerRequest: 0,
      commandTimeout: 50,
    });
    this.redis.on('error', (error) => log.warn(error, 'redis'));
  }

  async open() {
    await this.redis.connect();
  }

  async draftInProgress(userId) {
    const value = await this.redis.get(userKey(userId));
    return value === null ? null : fromCacheEntry(value, userId);
  }

  /** Both keys in one round trip. */
  async remember(draft) {
    const entry = toCacheEntry(draft);
    const replies = await this.redis.pipeline()
      .set(draftKey(draft), entry, 'EX', DRAFT_TTL_S)
      .set(userKey(draft.userId), entry, 'EX', WINDOW_TTL_S)
      .exec();
    for (const [error] of replies) if (error) throw error;
  }

  async close() {
    await this.redis.quit();
  }
}
