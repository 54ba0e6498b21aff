import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createLogger } from '../../src/telemetry/logger.js';
import { createOtlpTraces, type OtlpTraces } from '../../src/telemetry/otlp.js';
import { startOtlpCollector } from '../stand-ins/otlp-collector.js';

let collector: Awaited<ReturnType<typeof startOtlpCollector>>;
afterEach(() => collector.close());

async function start(path = ''): Promise<OtlpTraces> {
  collector = await startOtlpCollector();
  const logger = createLogger({ level: 'silent' });
  return createOtlpTraces({ endpoint: `${collector.url}${path}`, serviceName: 'a-name', logger });
}

const place = (name: string) => ({ name, kind: 'client', attributes: { kept: 1 } }) as const;
const REQUEST = { requestId: 'request-1', headers: {} };

async function inRequest(traces: OtlpTraces, work: () => Promise<unknown>, from = REQUEST, status = 200) {
  const request = traces.request(from);
  await new Promise<void>((resolve) => request.run(() => void work().then(() => resolve())));
  request.end({ method: 'GET', route: '/a/{id}', status });
}
const named = (name: string) => collector.spans.find((span) => span.name === name);

describe('traces', () => {
  test('leave by OTLP when the process stops, each span below the one it belongs to, with the request id (R11)', async () => {
    const traces = await start('/');
    await inRequest(traces, () =>
      traces.span(place('outer'), async () => {
        await sleep(1);
        await traces.span(place('inner'), async () => undefined);
      }),
    );
    await traces.stop();
    const [request, outer, inner] = [named('GET /a/{id}'), named('outer'), named('inner')];
    expect(request).toMatchObject({ service: 'a-name', parentSpanId: '', isError: false });
    expect(outer).toMatchObject({ parentSpanId: request?.spanId, traceId: request?.traceId });
    expect(inner).toMatchObject({ parentSpanId: outer?.spanId, traceId: request?.traceId });
    for (const span of collector.spans) expect(span.attributes.requestId).toBe('request-1');
  });

  test('go on with the trace that a caller names, and with what another process carried (R11)', async () => {
    const traces = await start();
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` };
    let carried: ReturnType<typeof traces.carry>;
    await inRequest(
      traces,
      async () => {
        carried = traces.carry();
      },
      { requestId: 'request-2', headers },
    );
    expect(carried).toMatchObject({ requestId: 'request-2' });
    if (carried) await traces.resume(carried, place('resumed'), async () => undefined);
    await traces.stop();
    expect(named('GET /a/{id}')).toMatchObject({ traceId, parentSpanId: 'b7ad6b7169203331' });
    expect(named('resumed')).toMatchObject({ traceId, parentSpanId: named('GET /a/{id}')?.spanId });
    expect(named('resumed')?.attributes.requestId).toBe('request-2');
  });

  test('two requests at once do not mix, and what no request asked for is not traced (R11)', async () => {
    const traces = await start();
    const work = (name: string) => async () => {
      await sleep(2);
      await traces.span(place(name), async () => undefined);
    };
    await Promise.all([
      inRequest(traces, work('of-a'), { requestId: 'request-a', headers: {} }),
      inRequest(traces, work('of-b'), { requestId: 'request-b', headers: {} }),
      traces.span(place('alone'), async () => undefined),
    ]);
    expect([traces.begin(place('alone')), traces.carry()]).toEqual([undefined, undefined]);
    await traces.stop();
    expect(named('of-a')?.attributes.requestId).toBe('request-a');
    expect(named('of-b')?.attributes.requestId).toBe('request-b');
    expect(named('alone')).toBeUndefined();
  });

  test('keep the kind of an error and not what it says, which may be what somebody typed (R11)', async () => {
    const traces = await start();
    const failing = () => traces.span(place('failing'), () => Promise.reject(new TypeError('canary-text')));
    await inRequest(traces, () => expect(failing()).rejects.toThrow('canary-text'), REQUEST, 500);
    await traces.stop();
    expect(named('failing')).toMatchObject({ isError: true, attributes: { 'error.type': 'TypeError' } });
    expect(named('GET /a/{id}')?.isError).toBe(true);
    expect(collector.text()).not.toContain('canary-text');
  });

  test('hold up no end of the process when the collector takes them and never answers (D8)', async () => {
    const traces = await start();
    collector.hold();
    await inRequest(traces, async () => undefined);
    await traces.stop(); // the test's own time-out is what a hang would meet
    expect(collector.spans).toEqual([]);
  });
});
