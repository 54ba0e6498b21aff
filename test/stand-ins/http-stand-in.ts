import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How a provider behaves for one request. `hold` takes the message and never answers; `late` answers in its own time. */
export type Behaviour =
  | 'accept'
  | 'refuse'
  | 'unknown-status'
  | 'busy'
  | 'fail'
  | 'stall'
  | 'hold'
  | 'hang-up'
  | 'html'
  | 'huge'
  | 'redirect';

export interface Received {
  body: Record<string, unknown>;
  at: number;
}

export interface StandIn {
  url: string;
  /** What was taken as a message to send, in order; the same id may be in it twice. */
  accepted: Received[];
  /** Every request, whatever came of it. */
  received: Received[];
  /** Limits of the real provider that a request broke. */
  violations: string[];
  /** What it does next, one each; afterwards it does `always`. */
  next: Behaviour[];
  always: Behaviour;
  reset(): void;
  /** Resolves when so many requests have come since the last reset. */
  requests(count: number): Promise<void>;
  close(): Promise<void>;
}

/** @param check tells the limits that a body breaks. @param answer the provider's JSON for what it decided */
export async function startStandIn(options: {
  check(body: Record<string, unknown>): string[];
  answer(decided: 'accept' | 'refuse' | 'unknown-status', body: Record<string, unknown>): unknown;
}): Promise<StandIn> {
  const waiting = new Set<() => void>();
  const server = createServer(async (request, response) => {
    const body = await readBody(request);
    const received = { body, at: performance.now() };
    standIn.received.push(received);
    standIn.violations.push(...options.check(body));
    const behaviour = standIn.next.shift() ?? standIn.always;
    if (behaviour === 'accept' || behaviour === 'hold') standIn.accepted.push(received);
    for (const look of waiting) look();
    behave(behaviour, response, (decided) => options.answer(decided, body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const standIn: StandIn = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/send`,
    accepted: [],
    received: [],
    violations: [],
    next: [],
    always: 'accept',
    reset() {
      Object.assign(standIn, { accepted: [], received: [], violations: [], next: [], always: 'accept' });
    },
    requests: (count) =>
      new Promise((resolve) => {
        const look = () => {
          if (standIn.received.length < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return standIn;
}

function behave(
  behaviour: Behaviour,
  response: ServerResponse,
  answer: (decided: 'accept' | 'refuse' | 'unknown-status') => unknown,
): void {
  const json = (status: number, body: unknown) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  switch (behaviour) {
    case 'accept':
    case 'refuse':
    case 'unknown-status':
      json(200, answer(behaviour));
      return;
    case 'busy':
      json(429, { message: 'slow down' });
      return;
    case 'fail':
      json(500, { message: 'oops' });
      return;
    case 'hang-up':
      response.destroy();
      return;
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Maintenance</h1>');
      return;
    case 'huge':
      response.on('error', () => undefined);
      response.writeHead(200, { 'content-type': 'application/json' }).end(' '.repeat(10 * 1024 * 1024));
      return;
    case 'redirect':
      response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' }).end();
      return;
    default: // stall, hold: says nothing
  }
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return JSON.parse(text);
}
