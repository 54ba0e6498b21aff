import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedSpan {
  service: string;
  traceId: string;
  spanId: string;
  parentSpanId: string;
  name: string;
  attributes: Record<string, unknown>;
  isError: boolean;
}

interface Attribute {
  key: string;
  value: Record<string, unknown>;
}
interface Export {
  resourceSpans: {
    resource: { attributes: Attribute[] };
    scopeSpans: { spans: (Omit<ReceivedSpan, 'attributes'> & Sent)[] }[];
  }[];
}
interface Sent {
  attributes: Attribute[];
  status?: { code?: number };
}

/** Takes what a collector takes: OTLP over HTTP, as JSON, on its one path. */
export async function startOtlpCollector() {
  const spans: ReceivedSpan[] = [];
  const bodies: string[] = [];
  let behaviour: 'accept' | 'hold' = 'accept';
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    if (behaviour === 'hold') return;
    const isOtlp = request.url === '/v1/traces' && request.headers['content-type'] === 'application/json';
    if (!isOtlp) return void response.writeHead(404).end();
    bodies.push(body);
    spans.push(...read(JSON.parse(body)));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    /** Everything received, as it came. */
    text: () => bodies.join('\n'),
    /** From now on it takes requests and never answers. */
    hold: () => {
      behaviour = 'hold';
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function read({ resourceSpans }: Export): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        service: String(valuesOf(resource.attributes)['service.name']),
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId ?? '',
        name: span.name,
        attributes: valuesOf(span.attributes),
        isError: span.status?.code === 2,
      })),
    ),
  );
}

const valuesOf = (attributes: Attribute[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
