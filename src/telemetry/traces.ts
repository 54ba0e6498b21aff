import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Attributes,
  type Context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';

/** Where a span stands. Names and attributes come from fixed sets or are ids: never what somebody typed, never a value. */
export interface Place {
  name: string;
  kind: 'internal' | 'client' | 'producer' | 'consumer';
  attributes?: Attributes;
}

/** What is needed to go on with a trace in another process: ids and nothing else. */
export interface Carried {
  requestId: string;
  /** W3C `traceparent`. */
  traceParent: string;
}

/** Ends a span; with the error, if there was one, of which it keeps the kind alone. */
export type EndSpan = (error?: unknown, attributes?: Attributes) => void;

export interface RequestSpan {
  /** Whatever this starts belongs to the request. */
  run(work: () => void): void;
  end(seen: { method: string; route: string; status: number }): void;
}

/** OpenTelemetry's traces (R11). Whoever has none is handed none: without an endpoint nothing of this exists. */
export interface Traces {
  /** A request from outside: it goes on with its caller's trace if it names one. */
  request(from: {
    requestId: string;
    headers: Readonly<Record<string, string | string[] | undefined>>;
  }): RequestSpan;
  /** A span below the one under way. Undefined without one: what no request asked for is not traced. */
  begin(place: Place): EndSpan | undefined;
  /** The same around some work, to which everything within it belongs. */
  span<Result>(place: Place, work: () => Promise<Result>): Promise<Result>;
  /** What another process needs to go on with the trace under way. */
  carry(): Carried | undefined;
  /** Goes on with a trace that another process began. */
  resume<Result>(carried: Carried, place: Place, work: () => Promise<Result>): Promise<Result>;
}

interface Scope {
  context: Context;
  requestId: string;
}

const KINDS = {
  internal: SpanKind.INTERNAL,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};
const propagator = new W3CTraceContextPropagator();

/** Keeps what is under way by itself: no global of OpenTelemetry's is set, so two services can share a process. */
export function createTraces(tracer: Tracer): Traces {
  const scopes = new AsyncLocalStorage<Scope>();
  const open = (scope: Scope, { name, kind, attributes }: Place): Span =>
    tracer.startSpan(
      name,
      { kind: KINDS[kind], attributes: { ...attributes, requestId: scope.requestId } },
      scope.context,
    );
  const within = async <Result>(scope: Scope, place: Place, work: () => Promise<Result>): Promise<Result> => {
    const span = open(scope, place);
    const end = endOf(span);
    try {
      const result = await scopes.run({ ...scope, context: trace.setSpan(scope.context, span) }, work);
      end();
      return result;
    } catch (error) {
      end(error);
      throw error;
    }
  };
  return {
    request({ requestId, headers }) {
      const from = propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
      const span = tracer.startSpan('request', { kind: SpanKind.SERVER, attributes: { requestId } }, from);
      return {
        run: (work) => scopes.run({ requestId, context: trace.setSpan(from, span) }, work),
        end: (seen) => endRequest(span, seen),
      };
    },
    begin(place) {
      const scope = scopes.getStore();
      return scope && endOf(open(scope, place));
    },
    span(place, work) {
      const scope = scopes.getStore();
      return scope ? within(scope, place, work) : work();
    },
    carry() {
      const scope = scopes.getStore();
      if (!scope) return undefined;
      const { traceparent } = outgoing(scope.context);
      return traceparent === undefined ? undefined : { requestId: scope.requestId, traceParent: traceparent };
    },
    resume({ requestId, traceParent }, place, work) {
      const carrier = { traceparent: traceParent };
      const context = propagator.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter);
      return within({ requestId, context }, place, work);
    },
  };
}

function outgoing(context: Context): { traceparent?: string } {
  const carrier = {};
  propagator.inject(context, carrier, defaultTextMapSetter);
  return carrier;
}

/** An error's message may hold what somebody typed: its kind is all that is kept. */
function endOf(span: Span): EndSpan {
  return (error, attributes) => {
    if (attributes) span.setAttributes(attributes);
    if (error !== undefined) {
      const { code, name } = error as { code?: unknown; name?: unknown };
      span.setAttribute('error.type', String(code ?? name ?? 'unknown'));
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end();
  };
}

/** A refusal is the caller's affair: only what is ours to answer for is an error of the span. */
function endRequest(
  span: Span,
  { method, route, status }: { method: string; route: string; status: number },
) {
  span.updateName(`${method} ${route}`);
  span.setAttributes({
    'http.request.method': method,
    'http.route': route,
    'http.response.status_code': status,
  });
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}
