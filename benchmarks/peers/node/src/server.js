// One process of the server.
import pino from 'pino';

import { makeApp } from './app.js';
import { KafkaPublisher } from './kafka_publisher.js';
import { PostgresRepository } from './postgres_repository.js';
import { RedisCache } from './redis_cache.js';
import { EventDraftService } from './service.js';

/** Listens on a free port; gives its address and what stops it. */
export async function serve(env) {
  const log = pino({ level: 'warn' }, pino.destination({ dest: 2, sync: false }));
  const repository = new PostgresRepository(env.EVENT_DRAFT_POSTGRES, log);
  const cache = new RedisCache(env.EVENT_DRAFT_REDIS, log);
  const publisher = new KafkaPublisher(env.EVENT_DRAFT_KAFKA, log);
  const backends = [repository, cache, publisher];
  await Promise.all(backends.map((backend) => backend.open()));

  const app = makeApp(new EventDraftService({ repository, cache, publisher, log }), log);
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const stop = async () => {
    await app.close();
    await Promise.all(backends.map((backend) => backend.close()));
  };
  return { address, stop };
}
