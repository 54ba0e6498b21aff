import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BASE, call } from '../support/call.js';
import { startService, type TestService } from '../support/service.js';
import { composeFile } from './compose-file.js';

/** Whole paths, and beginnings of paths. */
interface Paths {
  whole: string[];
  beginnings: string[];
}

/** Of Traefik's rule: `Path` and `PathPrefix`, joined by "or". */
function labelled(): Paths {
  const rule = String(composeFile().services.service?.labels?.['traefik.http.routers.nx-identity.rule']);
  const of = (matcher: string) =>
    [...rule.matchAll(new RegExp(`\\b${matcher}\\(\`([^\`]+)\`\\)`, 'g'))].map(([, path = '']) => path);
  expect(rule.replace(/(Path|PathPrefix)\(`[^`]+`\)/g, '').replace(/[\s|]/g, '')).toBe('');
  return { whole: of('Path').sort(), beginnings: of('PathPrefix').sort() };
}

/** Of the stand-in's ACL. */
function standIns(): Paths {
  const config = readFileSync('test/deploy/containers/haproxy/haproxy.cfg', 'utf8');
  const of = (matcher: string) =>
    [...config.matchAll(new RegExp(`acl public ${matcher} (.+)`, 'g'))].flatMap(([, list = '']) =>
      list.split(' '),
    );
  return { whole: of('path').sort(), beginnings: of('path_beg').sort() };
}

const routed = (path: string) =>
  labelled().whole.includes(path) || labelled().beginnings.some((beginning) => path.startsWith(beginning));

let service: TestService;
beforeAll(async () => {
  service = await startService({ IDENTITY_PUBLISH_ACCOUNT_KEY: '1' });
});
afterAll(() => service.stop());

describe('the labels for Traefik', () => {
  test('route every call that the service describes (R4)', async () => {
    const { body } = await call(`${service.url}${BASE}/doc/openapi.json`);
    const paths = Object.keys(body.paths);
    expect(paths.length).toBeGreaterThan(40);
    expect(paths.filter((path) => !routed(path) && !path.startsWith('/dev/'))).toEqual([]);
  });

  test('route every document that the service publishes, each of which is there (R4, T1)', async () => {
    for (const path of labelled().whole)
      expect([path, (await call(`${service.url}${path}`)).status]).toEqual([path, 200]);
    const { body } = await call(`${service.url}/.well-known/openid-configuration`);
    const published = Object.values(body).filter((value) => String(value).startsWith(`${body.issuer}/`));
    expect(published.length).toBeGreaterThan(2);
    expect(published.map((url) => new URL(String(url)).pathname).filter((path) => !routed(path))).toEqual([]);
  });

  test.each(['/metrics', '/internal/identity/whoami', '/internal/identity/mail', '/dev/inbox', '/demo', '/'])(
    'do not route %s (contract §7)',
    (path) => expect(routed(path)).toBe(false),
  );

  test('say the same as the proxy that check:containers runs in Traefik’s place (R4)', () => {
    expect(standIns()).toEqual(labelled());
  });
});
