import { KafkaPublisher } from './kafka_publisher.js';
import { PostgresRepository } from './postgres_repository.js';
import { RedisCache } from './redis_cache.js';

export const onServers = (env, log) => ({
  repository: new PostgresRepository(env.EVENT_DRAFT_POSTGRES, log),
  cache: new RedisCache(env.EVENT_DRAFT_REDIS, log),
  publisher: new KafkaPublisher(env.EVENT_DRAFT_KAFKA, log),
});
