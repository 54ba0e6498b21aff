import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deflateSync } from 'node:zlib';
import { SignJWT } from 'jose';

export interface IssuerKey {
  kid: string;
  alg: 'ES256' | 'RS256' | 'EdDSA';
  privateKey: KeyObject;
  publicKey: KeyObject;
}

const MADE = {
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  EdDSA: () => generateKeyPairSync('ed25519'),
};

export const issuerKey = (kid: string, alg: IssuerKey['alg'] = 'ES256'): IssuerKey => ({
  kid,
  alg,
  ...MADE[alg](),
});

export const publicJwk = ({ kid, alg, publicKey }: IssuerKey) => ({
  ...publicKey.export({ format: 'jwk' }),
  kid,
  alg,
  use: 'sig',
});

/** What the issuer does instead of answering. */
export type Trouble = 'none' | 'hang' | 'hang-up' | 'html' | 'huge' | 'redirect' | 'error' | 'empty';

/** An issuer of the contract's tokens, key sets and status lists, whose clock and state a test sets. */
export interface Issuer {
  url: string;
  lists: string;
  /** Seconds since 1970. */
  now: number;
  clock(): number;
  /** What `/jw-certs` lists; the first one signs. */
  keys: IssuerKey[];
  /** What `/jw-certs` lists instead. */
  listed: unknown[] | undefined;
  listKey: IssuerKey;
  /** Indices that are revoked, and what else the list says. */
  revoked: Set<number>;
  listClaims: Record<string, unknown>;
  listHeader: Record<string, unknown>;
  trouble: Trouble;
  /** `GET /jw-certs` and so on, with the headers that came. */
  requests: { path: string; headers: IncomingMessage['headers']; body: string }[];
  asked(path: string): number;
  /** What the token endpoint answers. */
  systemToken: string | undefined;
  /** Status that lists are refused with when an `Authorization` comes along. */
  refusesCredentials: boolean;
  claims(extra?: Record<string, unknown>): Record<string, unknown>;
  token(
    extra?: Record<string, unknown>,
    by?: { key?: IssuerKey; header?: Record<string, unknown> },
  ): Promise<string>;
  close(): Promise<void>;
}

export async function startIssuer(): Promise<Issuer> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const path = request.url ?? '';
    issuer.requests.push({ path, headers: request.headers, body });
    if (!isTroubled(issuer.trouble, response)) await answer(path, request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const issuer: Issuer = {
    url,
    lists: `${url}/lists`,
    now: Math.floor(Date.now() / 1000),
    clock: () => issuer.now * 1000,
    keys: [issuerKey('first')],
    listed: undefined,
    listKey: issuerKey('of-lists', 'EdDSA'),
    revoked: new Set(),
    listClaims: {},
    listHeader: {},
    trouble: 'none',
    requests: [],
    asked: (path) => issuer.requests.filter((request) => request.path === path).length,
    systemToken: undefined,
    refusesCredentials: false,
    claims: (extra = {}) => personClaims(issuer, extra),
    token: async (extra = {}, { key = issuer.keys[0] as IssuerKey, header = {} } = {}) =>
      new SignJWT(issuer.claims(extra))
        .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'at+jwt', ...header })
        .sign(key.privateKey, { crit: { 'x-known': true } }),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };

  async function answer(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const json = (value: unknown) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (path === '/jw-certs') return void json({ keys: issuer.listed ?? issuer.keys.map(publicJwk) });
    if (path === '/lists/keys') return void json({ keys: [publicJwk(issuer.listKey)] });
    if (path === '/token' && issuer.systemToken)
      return void json({ access_token: issuer.systemToken, token_type: 'Bearer', expires_in: 300 });
    const isRefused = issuer.refusesCredentials && request.headers.authorization !== undefined;
    if (!path.startsWith('/lists/') || isRefused) return void response.writeHead(isRefused ? 401 : 404).end();
    const type = 'application/statuslist+jwt';
    response.writeHead(200, { 'content-type': type }).end(await statusList(issuer, `${url}${path}`));
  }
  return issuer;
}

function isTroubled(trouble: Trouble, response: ServerResponse): boolean {
  if (trouble === 'none') return false;
  response.on('error', () => undefined);
  if (trouble === 'hang-up') response.destroy();
  if (trouble === 'html')
    response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Maintenance</h1>');
  if (trouble === 'redirect')
    response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' }).end();
  if (trouble === 'error') response.writeHead(503, { 'content-type': 'application/json' }).end('{}');
  if (trouble === 'empty') response.writeHead(200, { 'content-type': 'application/json' }).end('{"keys":[]}');
  if (trouble === 'huge')
    response.writeHead(200, { 'content-type': 'application/json' }).end(' '.repeat(10 * 1024 * 1024));
  return true; // hang says nothing
}

/** By jose, with a list of 1,000 of one bit each. */
function statusList({ listKey, revoked, now, listClaims, listHeader }: Issuer, uri: string): Promise<string> {
  const bytes = Buffer.alloc(125);
  for (const index of revoked) bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (1 << (index & 7));
  const list = { bits: 1, lst: deflateSync(bytes).toString('base64url') };
  return new SignJWT({ sub: uri, iat: now, status_list: list, ...listClaims })
    .setProtectedHeader({ alg: listKey.alg, kid: listKey.kid, typ: 'statuslist+jwt', ...listHeader })
    .sign(listKey.privateKey);
}

/** As contract §1 has them. */
function personClaims({ url, now }: Issuer, extra: Record<string, unknown>): Record<string, unknown> {
  return {
    iss: url,
    aud: 'nx',
    iat: now,
    nbf: now - 5,
    exp: now + 900,
    jti: 'a',
    sub: '7301',
    client_id: 'nx-api',
    userId: '7301',
    session_id: '42',
    token_type: 'platform',
    token_scope: 'PLATFORM',
    roles: [
      { id: '2', identifier: '500_owner', priority: 500 },
      { id: '3', identifier: '010_user', priority: 10 },
    ],
    organizers: ['1'],
    merchants: ['11', '12'],
    ...extra,
  };
}
