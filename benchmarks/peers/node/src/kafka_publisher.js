import net from 'node:net';
import { Kafka, Partitioners, logLevel } from 'kafkajs';

import { toMessage } from './draft.js';

const TOPIC = 'event-topic';
const ACKS_OF_ALL = -1;
const MOST_IN_FLIGHT = 2;

export class KafkaPublisher {
  #waiting = [];
  #inFlight = 0;

  constructor(brokers, log) {
    const kafka = new Kafka({
      clientId: 'peer-node',
      brokers: brokers.split(','),
      requestTimeout: 500,
      retry: { initialRetryTime: 20, retries: 3 },
      logLevel: logLevel.WARN,
      logCreator: () => ({ log: entry }) => log.warn(entry, 'kafka'),
      // Its own leaves Nagle's algorithm on.
      socketFactory: ({ host, port, onConnect }) => net.connect({ host, port, noDelay: true, keepAlive: true }, onConnect),
    });
    this.producer = kafka.producer({ allowAutoTopicCreation: false, createPartitioner: Partitioners.DefaultPartitioner });
  }

  async open() {
    await this.producer.connect();
  }

  /** Resolves when the broker has acknowledged it. What comes while requests are under way goes together in the next. */
  publish(draft) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ message: toMessage(draft), resolve, reject });
      this.#sendNext();
    });
  }

  async #sendNext() {
    if (this.#waiting.length === 0 || this.#inFlight === MOST_IN_FLIGHT) return;
    const batch = this.#waiting;
    this.#waiting = [];
    ++this.#inFlight;
    try {
      await this.producer.send({ topic: TOPIC, acks: ACKS_OF_ALL, messages: batch.map(({ message }) => message) });
      for (const { resolve } of batch) resolve();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    --this.#inFlight;
    this.#sendNext();
  }

  async close() {
    await this.producer.disconnect();
  }
}
