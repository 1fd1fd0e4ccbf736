import { open } from 'node:fs/promises';

import { TOPIC, toEvent } from './draft.js';
import { Gathering } from './gathering.js';

/** A line of JSON for each event. */
export class EventLog {
  #file;
  #lines = new Gathering((lines) => this.#append(lines.join('')), 1);

  constructor(path) {
    this.path = path;
  }

  async open() {
    this.#file = await open(this.path, 'a');
  }

  /** Resolves when the event is on the disk. */
  publish(draft) {
    return this.#lines.add(`${JSON.stringify({ topic: TOPIC, ...toEvent(draft) })}\n`);
  }

  async #append(text) {
    await this.#file.appendFile(text);
    await this.#file.datasync();
  }

  async close() {
    await this.#file.close();
  }
}
