/** Hands what is given on to `send`, in batches: what comes while `mostAtOnce` batches are under way goes together in the next. */
export class Gathering {
  #send;
  #mostAtOnce;
  #waiting = [];
  #underWay = 0;

  constructor(send, mostAtOnce) {
    this.#send = send;
    this.#mostAtOnce = mostAtOnce;
  }

  /** Resolves when the batch with this item has been sent. */
  add(item) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#sendNext();
    });
  }

  async #sendNext() {
    if (this.#waiting.length === 0 || this.#underWay === this.#mostAtOnce) return;
    const batch = this.#waiting;
    this.#waiting = [];
    ++this.#underWay;
    try {
      await this.#send(batch.map(({ item }) => item));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    --this.#underWay;
    this.#sendNext();
  }
}
