// One process, or as many on one port as PEER_WORKERS says. One is the quickest where the backends need the other core, and the
// more of the requests meet in it, the more of them go out together.
import cluster from 'node:cluster';

import { serve } from './server.js';

const workers = Number(process.env.PEER_WORKERS ?? 1);

async function serveHere(announce) {
  const { address, stop } = await serve(process.env);
  process.once('SIGTERM', async () => {
    await stop();
    process.exit(0);
  });
  announce(address);
}

function runWorkers() {
  let listening = 0;
  let stopping = false;
  cluster.on('message', (worker, { address }) => {
    if (++listening === workers) console.log(`listening on ${address}`);
  });
  cluster.on('exit', (worker, code) => {
    if (!stopping) {
      console.error(`a worker ended with ${code}`);
      process.exit(1);
    }
  });
  process.once('SIGTERM', () => {
    stopping = true;
    for (const worker of Object.values(cluster.workers)) worker.process.kill('SIGTERM');
  });
  for (let i = 0; i < workers; ++i) cluster.fork();
}

if (cluster.isWorker) await serveHere((address) => process.send({ address }));
else if (workers === 1) await serveHere((address) => console.log(`listening on ${address}`));
else runWorkers();
