import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { checkoutRoot } from '../../embedded/checkout.js';
import { redisBinaryPath } from '../../embedded/redis.js';

const SLOTS = 16_384;
const MASTERS = 3;
const PASSWORD = 'cluster-test';

interface Node {
  url: string;
  port: number;
  busPort: number;
  child: ChildProcess;
  client: Redis;
}

/** Three masters of a Redis Cluster as processes of this test, every slot served. */
export async function startRedisCluster(): Promise<{
  urls: string[];
  masters: Redis[];
  stop(): Promise<void>;
}> {
  const folder = mkdtempSync(join(tmpdir(), 'nx-redis-cluster-'));
  const nodes: Node[] = [];
  for (let n = 0; n < MASTERS; n++) nodes.push(await startNode(folder, n));
  await Promise.all(nodes.map(({ client }) => untilAnswers(client)));
  await join3(nodes);
  return {
    urls: nodes.map(({ url }) => url),
    masters: nodes.map(({ client }) => client),
    async stop() {
      for (const { client, child } of nodes) {
        client.disconnect();
        child.kill('SIGKILL');
      }
      await Promise.all(nodes.map(({ child }) => new Promise((done) => child.once('close', done))));
      rmSync(folder, { recursive: true });
    },
  };
}

async function startNode(folder: string, n: number): Promise<Node> {
  const [port, busPort] = [await freePort(), await freePort()];
  const args = [
    ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''],
    ...['--cluster-enabled', 'yes', '--cluster-port', String(busPort)],
    ...['--cluster-config-file', `nodes-${n}.conf`, '--requirepass', PASSWORD],
    ...['--maxmemory-policy', 'noeviction'],
  ];
  const child = spawn(redisBinaryPath(join(checkoutRoot(), '.cache')), args, { stdio: 'ignore' });
  const url = `redis://:${PASSWORD}@127.0.0.1:${port}`;
  const client = new Redis(url, { retryStrategy: () => 50 });
  client.on('error', () => undefined); // it is starting
  return { url, port, busPort, child, client };
}

async function join3(nodes: Node[]): Promise<void> {
  const [first, ...others] = nodes as [Node, ...Node[]];
  const share = Math.ceil(SLOTS / nodes.length);
  for (const [n, { client }] of nodes.entries()) {
    const last = Math.min(SLOTS, (n + 1) * share) - 1;
    await client.call('CLUSTER', 'ADDSLOTSRANGE', n * share, last);
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', n + 1);
  }
  for (const { port, busPort } of others)
    await first.client.call('CLUSTER', 'MEET', '127.0.0.1', port, busPort);
  for (const { client } of nodes) {
    for (;;) {
      const info = String(await client.call('CLUSTER', 'INFO'));
      if (info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${MASTERS}`)) break;
      await sleep(50);
    }
  }
}

async function untilAnswers(client: Redis): Promise<void> {
  for (const deadline = performance.now() + 20_000; ; await sleep(50)) {
    if ((await client.ping().catch(() => '')) === 'PONG') return;
    if (performance.now() > deadline) throw new Error('a node of the cluster does not answer');
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject()));
    });
  });
}
