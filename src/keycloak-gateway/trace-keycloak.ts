import type { Place, Traces } from '../telemetry/traces.js';

/** A call to Keycloak as a span's place: the grant, or the name that the call has here. Never a path, which holds ids and more. */
const keycloakPlace = (call: string): Place => ({
  name: `keycloak ${call}`,
  kind: 'client',
  attributes: { 'peer.service': 'keycloak' },
});

/** The same calls, each a span by its own name. */
export function traceKeycloak<Calls extends object>(calls: Calls, traces: Traces | undefined): Calls {
  if (!traces) return calls;
  const traced = Object.entries(calls as Record<string, (...args: unknown[]) => Promise<unknown>>).map(
    ([name, call]) => [name, (...args: unknown[]) => traces.span(keycloakPlace(name), () => call(...args))],
  );
  return Object.fromEntries(traced) as Calls;
}

/** A fetch as a span by that name, of which Keycloak is told: it joins the trace if it traces by itself. */
export function traceFetch(traces: Traces) {
  return (call: string, url: string, init: RequestInit): Promise<Response> =>
    traces.span(keycloakPlace(call), () => {
      const carried = traces.carry();
      const headers = new Headers(init.headers);
      if (carried) headers.set('traceparent', carried.traceParent);
      return fetch(url, { ...init, headers });
    });
}
