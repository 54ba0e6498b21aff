import type { CustomFetch } from 'openid-client';
import type { Traces } from '../telemetry/traces.js';
import { traceFetch } from './trace-keycloak.js';

/** Told of every call to Keycloak's OIDC endpoints: which, how it ended, how long it took in seconds. */
export type MeasureCall = (call: string, outcome: 'ok' | 'refused' | 'failed', seconds: number) => void;

/** A fetch that reports; the call's name is the grant where there is one, else the last part of the path. */
export function measureFetch(measure: MeasureCall, traces?: Traces): CustomFetch {
  const ask = traces
    ? traceFetch(traces)
    : (_call: string, url: string, init: RequestInit) => fetch(url, init);
  return async (url, options) => {
    const started = performance.now();
    const call = nameOf(url, options.body);
    const report = (outcome: 'ok' | 'refused' | 'failed') =>
      measure(call, outcome, (performance.now() - started) / 1000);
    try {
      const response = await ask(call, url, options as RequestInit);
      report(response.ok ? 'ok' : response.status < 500 ? 'refused' : 'failed');
      return response;
    } catch (error) {
      report('failed');
      throw error;
    }
  };
}

function nameOf(url: string, body: unknown): string {
  const grant = body instanceof URLSearchParams ? body.get('grant_type') : null;
  return (grant ?? new URL(url).pathname).split(/[:/]/).at(-1) ?? 'unknown';
}
