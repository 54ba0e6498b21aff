import { once } from 'node:events';
import { createServer } from 'node:http';

const TIMEOUT_MS = 800;

/** In place of a blackbox exporter: at each scrape it asks for the key set, and says whether it had it. */
export async function outsideProbe(url) {
  let server;
  const start = async (port = 0) => {
    server = createServer(async (_request, response) => {
      const had = await fetch(`${url}/jw-certs`, { signal: AbortSignal.timeout(TIMEOUT_MS) })
        .then(async (answer) => (await answer.arrayBuffer()) && answer.ok)
        .catch(() => false);
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' });
      response.end(`probe_success ${had ? 1 : 0}\n`);
    }).listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  await start();
  const { port } = server.address();
  return {
    target: `127.0.0.1:${port}`,
    start: () => start(port),
    async stop() {
      if (!server.listening) return;
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
