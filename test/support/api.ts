import { type Answer, BASE, bearer, call } from './call.js';

/** Calls below the base path, by somebody's token. */
export const api =
  (service: { url: string }) =>
  (method: string, path: string, token: string, body?: unknown): Promise<Answer> =>
    call(`${service.url}${BASE}${path}`, {
      method,
      headers: { ...bearer(token), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

/** What was refused, and why. */
export const refusal = ({ status, body }: Answer) => [status, body?.code];
