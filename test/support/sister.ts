import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRemoteJWKSet, jwtVerify } from 'jose';

/** A business service that knows nothing of us but where our keys are: it answers a token's claims, or 401. */
export async function startSister(service: { url: string }) {
  const keys = createRemoteJWKSet(new URL(`${service.url}/jw-certs`));
  const server = createServer((request, response) => {
    const token = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
    jwtVerify(token, keys).then(
      ({ payload }) =>
        response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(payload)),
      () => response.writeHead(401).end(),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}
