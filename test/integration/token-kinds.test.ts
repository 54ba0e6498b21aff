import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { compactVerify, importJWK, type JWK } from 'jose';
import { DEMO_PEOPLE } from '../../embedded/demo-data.js';
import {
  createDeviceTokens,
  createOtpTicketMinter,
  createSigner,
  readKeyFiles,
} from '../../src/tokens/index.js';
import { testParts } from '../parts.js';
import { dialect } from '../support/branches.js';
import { type Answer, BASE, bearer, call, signIn } from '../support/call.js';
import { signInOnPage } from '../support/keycloak-page.js';
import { startService, type TestService } from '../support/service.js';

interface Operation {
  name: string;
  kinds: string[];
  call(token: string): Promise<Answer>;
}

const [admin, owner, cashier] = DEMO_PEOPLE;
let service: TestService;
/** Every declared call that takes anybody's credential. */
let operations: Operation[];
/** Of the platform administrator, whose roles open the most. */
const tokens: Record<string, string> = {};

beforeAll(async () => {
  service = await startService({ IDENTITY_PUBLISH_ACCOUNT_KEY: '1' });
  const { body: document } = await call(`${service.url}${BASE}/doc/openapi.json`);
  operations = Object.entries<Record<string, { security?: object; 'x-token-kinds'?: string[] }>>(
    document.paths,
  )
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, declared]) => ({ path, method: method.toUpperCase(), declared })),
    )
    .filter(({ declared }) => declared.security)
    .map(({ path, method, declared }) => ({
      name: `${method} ${path}`,
      kinds: declared['x-token-kinds'] ?? [],
      call: (token) => attempt(`${service.url}${path.replace(/\{\w+\}/g, '1')}`, method, token),
    }));
  tokens.platform = (await signIn(service, admin)).body.accessToken;
  tokens.account = (await dialect(service).login(owner)).body.accountAccessToken;
  tokens.branch = (await dialect(service).login(cashier)).body.accessToken;
});
afterAll(() => service.stop());

/** With a body that no strict schema takes: who may call is asked before what is sent, and nothing is done. */
const attempt = (url: string, method: string, token: string) =>
  call(url, {
    method,
    headers: { ...bearer(token), 'content-type': 'application/json' },
    ...(method === 'GET' ? {} : { body: '{"no-such-field":true}' }),
  });

async function openedBy(kind: string): Promise<string[]> {
  const opened: string[] = [];
  for (const operation of operations) {
    const { status } = await operation.call(tokens[kind] as string);
    if (status !== 401 && status !== 403) opened.push(operation.name);
  }
  return opened.sort();
}

const declaredFor = (kind: string) =>
  operations
    .filter(({ kinds }) => kinds.includes(kind))
    .map(({ name }) => name)
    .sort();

describe('over all declared calls', () => {
  test('an account token opens the selection of a branch and nothing else (contract §1)', async () => {
    expect(await openedBy('account')).toEqual(['POST /api/auth/select-branch']);
  });

  test('a branch token opens its context and what is the person’s own, and nothing that needs a role of the platform (contract §1)', async () => {
    const opened = await openedBy('branch');
    expect(opened).toEqual(declaredFor('branch'));
    expect(opened).toEqual(
      expect.arrayContaining([
        'GET /api/auth/context',
        `GET ${BASE}/auth/who-am-i`,
        `POST ${BASE}/auth/sign-out`,
      ]),
    );
    for (const closed of [`GET ${BASE}/audit-events`, `GET ${BASE}/messages`, 'POST /api/auth/select-branch'])
      expect(opened).not.toContain(closed);
  });

  test('a platform token opens none of what asks for an account or a branch (contract §4)', async () => {
    const opened = await openedBy('platform');
    expect(opened).toEqual(declaredFor('platform'));
    expect(opened.filter((name) => name.includes('/api/auth/'))).toEqual([]);
  });

  test('a token of the wrong kind is told so (contract §4)', async () => {
    for (const [kind, path] of [
      ['account', '/api/auth/context'],
      ['platform', '/api/auth/context'],
      ['account', `${BASE}/auth/who-am-i`],
      ['branch', `${BASE}/audit-events`],
    ] as const) {
      const { status, body } = await call(`${service.url}${path}`, {
        headers: bearer(tokens[kind] as string),
      });
      expect([status, body.code]).toEqual([403, 'token.wrong_kind']);
    }
  });
});

describe('the keys of /jw-certs', () => {
  const published = async (path: string) =>
    (await call(`${service.url}${path}`)).body.keys as (JWK & { kid: string })[];

  /** Whether any of these keys verifies the signature, whatever kid, typ or claims say. */
  async function verifiedBy(keys: JWK[], token: string): Promise<boolean> {
    for (const key of keys) {
      const verified = await compactVerify(token, await importJWK(key, key.alg)).then(
        () => true,
        () => false,
      );
      if (verified) return true;
    }
    return false;
  }

  test('verify platform and branch tokens, and neither refresh, account, ticket, device nor Keycloak tokens (D1)', async () => {
    const keys = readKeyFiles(testParts().keysDir);
    const { issuer } = service.infrastructure.config.tokens;
    const mintTicket = createOtpTicketMinter({
      signer: await createSigner(keys.otpTicket),
      realmIssuer: 'http://realm',
      clientId: 'nx-identity',
      now: Date.now,
      newJti: () => 'jti',
    });
    const device = createDeviceTokens({
      signer: await createSigner(keys.deviceToken),
      issuer,
      now: Date.now,
    });
    const keycloak = await signInOnPage(cashier, {
      id: 'nx-spa',
      redirectUri: `${testParts().service.url}/`,
    });
    const certs = await published('/jw-certs');
    const accepted = async (named: Record<string, string>) => {
      const names: string[] = [];
      for (const [name, token] of Object.entries(named)) if (await verifiedBy(certs, token)) names.push(name);
      return names;
    };
    expect(
      await accepted({
        platform: tokens.platform as string,
        branch: tokens.branch as string,
        account: tokens.account as string,
        refresh: (await signIn(service, cashier)).body.refreshToken,
        refreshOfDialect: (await dialect(service).login(cashier)).body.refreshToken,
        ticket: await mintTicket('keycloak-id'),
        device: await device.mint({ userId: '1', deviceId: '2' }),
        keycloakAccess: keycloak.access_token,
        keycloakId: keycloak.id_token,
      }),
    ).toEqual(['platform', 'branch']);
  });

  test('are apart from the account key, which is published for a gateway only where that is asked for (contract §1)', async () => {
    const [accountKey, ...others] = await published('/.well-known/account-jwks.json');
    expect(others).toEqual([]);
    expect(accountKey).not.toHaveProperty('d');
    expect(await verifiedBy([accountKey as JWK], tokens.account as string)).toBe(true);
    expect(await verifiedBy([accountKey as JWK], tokens.platform as string)).toBe(false);
    for (const path of ['/jw-certs', '/.well-known/jwks.json'])
      expect((await published(path)).map(({ kid }) => kid)).not.toContain(accountKey?.kid);
    const other = await startService();
    try {
      expect((await call(`${other.url}/.well-known/account-jwks.json`)).status).toBe(404);
    } finally {
      await other.stop();
    }
  });
});
