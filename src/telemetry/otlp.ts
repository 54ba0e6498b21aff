import { hostname } from 'node:os';
import { setTimeout as after } from 'node:timers/promises';
import { ExportResultCode } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Logger } from './logger.js';
import { createTraces, type Traces } from './traces.js';

/** Milliseconds, for one batch. Spans wait in memory meanwhile, 2048 at most; what is beyond that is dropped. */
const EXPORT_TIMEOUT = 3000;
/** Milliseconds that the last batch has when the process stops. */
const STOP_WITHIN = 4000;

export interface OtlpTraces extends Traces {
  /** Sends what is left. It never fails, and never takes long. */
  stop(): Promise<void>;
}

/**
 * Traces that leave in batches by OTLP over HTTP, as JSON, to `<endpoint>/v1/traces`. A collector that is away costs spans
 * and a line in the log, nothing else. No sampler is given, so OpenTelemetry's own variables decide (all, by default).
 */
export function createOtlpTraces(options: {
  endpoint: string;
  serviceName: string;
  logger: Logger;
}): OtlpTraces {
  const { endpoint, serviceName, logger } = options;
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    timeoutMillis: EXPORT_TIMEOUT,
  });
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({
      'service.name': serviceName,
      'service.instance.id': `${hostname()}-${process.pid}`,
    }),
    spanProcessors: [new BatchSpanProcessor(tellTrouble(exporter, logger))],
  });
  return {
    ...createTraces(provider.getTracer('nx-identity')),
    stop: () =>
      Promise.race([
        provider.shutdown().catch(() => undefined), // the exporter has told it
        after(STOP_WITHIN, undefined, { ref: false }),
      ]),
  };
}

/** Says once that spans are lost, and once that they are not any more. */
function tellTrouble(exporter: SpanExporter, logger: Logger): SpanExporter {
  let failing = false;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const failed = result.code !== ExportResultCode.SUCCESS;
        if (failed && !failing) logger.warn({ err: result.error }, 'traces cannot be delivered');
        if (!failed && failing) logger.info('traces are delivered again');
        failing = failed;
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
  };
}
