// The flow: cache, save, cache, publish. The request has been judged.
import { ApiError } from './errors.js';

export class EventDraftService {
  constructor({ repository, cache, publisher, log }) {
    Object.assign(this, { repository, cache, publisher, log });
  }

  async create(command) {
    const cached = await this.#unlessAway(this.cache.draftInProgress(command.userId));
    if (cached) return cached;

    const { draft, created } = await this.#orElse('STORAGE_UNAVAILABLE', this.repository.save(command));
    if (!created) return draft;
    await this.#unlessAway(this.cache.remember(draft));
    await this.#orElse('PUBLISHER_UNAVAILABLE', this.publisher.publish(draft));
    return draft;
  }

  /** The flow goes on without a cache. */
  async #unlessAway(answer) {
    try {
      return await answer;
    } catch (error) {
      this.log.warn(error, 'cache failed');
      return null;
    }
  }

  async #orElse(code, answer) {
    try {
      return await answer;
    } catch (cause) {
      throw new ApiError(503, code, { cause });
    }
  }
}
