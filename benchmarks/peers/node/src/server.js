// One process of the server.
import pino from 'pino';

import { makeApp } from './app.js';
import { EventDraftService } from './service.js';

/** Listens on a free port, on the files in PEER_DATA or else on servers; gives its address and what stops it. */
export async function serve(env) {
  const log = pino({ level: 'warn' }, pino.destination({ dest: 2, sync: false }));
  const ports = env.PEER_DATA ? (await import('./on_disk.js')).onDisk(env.PEER_DATA) : (await import('./on_servers.js')).onServers(env, log);
  const backends = Object.values(ports);
  await Promise.all(backends.map((backend) => backend.open()));

  const app = makeApp(new EventDraftService({ ...ports, log }), log);
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const stop = async () => {
    await app.close();
    await Promise.all(backends.map((backend) => backend.close()));
  };
  return { address, stop };
}
