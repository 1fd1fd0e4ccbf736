import net from 'node:net';
import { Kafka, Partitioners, logLevel } from 'kafkajs';

import { TOPIC, toEvent } from './draft.js';
import { Gathering } from './gathering.js';

const ACKS_OF_ALL = -1;
const MOST_IN_FLIGHT = 2;

export class KafkaPublisher {
  #events = new Gathering((messages) => this.producer.send({ topic: TOPIC, acks: ACKS_OF_ALL, messages }), MOST_IN_FLIGHT);

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

  /** Resolves when the broker has acknowledged it. */
  publish(draft) {
    const { key, headers, payload } = toEvent(draft);
    return this.#events.add({ key, headers, value: JSON.stringify(payload) });
  }

  async close() {
    await this.producer.disconnect();
  }
}
