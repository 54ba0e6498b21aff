/**
 * `npm run bench:verifier`: the kit's `verify` beside bare `crypto.verify` and jose's `jwtVerify`, in one process, in
 * turns, by CPU time of the process (garbage collection included). Nothing is asserted.
 */
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { deflateSync } from 'node:zlib';
import { jwtVerify } from 'jose';
import { median } from './measure.mjs';

const ROUNDS = 11;
const TOKENS = 4000;
const SHOWS = 50_000;

execFileSync(process.execPath, ['verifier/build.mjs'], { stdio: 'inherit' });
const { createVerifier } = await import('../verifier/dist/esm/index.js');

const keyOf = {
  at: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  list: generateKeyPairSync('ed25519'),
};
const now = Math.floor(Date.now() / 1000);
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

function jwt({ alg, kid, typ, key }, claims) {
  const signed = `${encode({ alg, kid, typ })}.${encode(claims)}`;
  const signature = sign(alg === 'EdDSA' ? null : 'sha256', Buffer.from(signed), {
    key,
    dsaEncoding: 'ieee-p1363',
  });
  // Through a buffer: one flat string, as a token from the network is.
  return Buffer.from(`${signed}.${signature.toString('base64url')}`).toString();
}

let base;
const documents = {
  '/jw-certs': () => ['application/json', JSON.stringify({ keys: [jwk('at')] })],
  '/lists/keys': () => ['application/json', JSON.stringify({ keys: [jwk('list')] })],
  '/lists/0': () => {
    const lst = deflateSync(Buffer.alloc(125_000)).toString('base64url'); // a million sessions
    const claims = { sub: `${base}/lists/0`, iat: now, status_list: { bits: 1, lst } };
    const by = { alg: 'EdDSA', kid: 'list', typ: 'statuslist+jwt', key: keyOf.list.privateKey };
    return ['application/statuslist+jwt', jwt(by, claims)];
  },
};
const jwk = (name) => ({ ...keyOf[name].publicKey.export({ format: 'jwk' }), kid: name, use: 'sig' });
const server = createServer(({ url }, response) => {
  const [type, body] = documents[url]();
  response.writeHead(200, { 'content-type': type }).end(body);
}).listen(0, '127.0.0.1');
await once(server, 'listening');
base = `http://127.0.0.1:${server.address().port}`;

let made = 0;
const by = { alg: 'ES256', kid: 'at', typ: 'at+jwt', key: keyOf.at.privateKey };
/** A person with two roles and ten shops: about a kilobyte. */
const token = () =>
  jwt(by, {
    iss: base,
    aud: 'nx',
    iat: now,
    nbf: now - 5,
    exp: now + 900,
    jti: `j${made++}`,
    sub: '7301',
    client_id: 'nx-api',
    userId: '7301',
    account_id: '7301',
    account_type: 'user',
    session_id: '730101',
    typ: 'Bearer',
    token_type: 'platform',
    token_scope: 'PLATFORM',
    roles: [
      { id: '1', identifier: '500_owner', priority: 500 },
      { id: '2', identifier: '010_user', priority: 10 },
    ],
    organizers: ['123456789012345678'],
    merchants: Array.from({ length: 10 }, (_, index) => `12345678901234567${index}`),
    policy_version: 3,
    amr: ['pwd'],
    auth_time: now,
    status: { status_list: { idx: made % 1_000_000, uri: `${base}/lists/0` } },
  });

const verifier = createVerifier({
  jwksUri: `${base}/jw-certs`,
  issuer: base,
  audience: 'nx',
  statusList: { base: `${base}/lists`, maxStalenessS: 3600 },
  refreshS: false, // the issuer is in this process, and would count
  onWarning: console.error,
});
if (!(await verifier.ready)) throw new Error('no keys');

const bareKey = { key: keyOf.at.publicKey, dsaEncoding: 'ieee-p1363' };
function bare(text) {
  const dot = text.lastIndexOf('.');
  const signature = Buffer.from(text.slice(dot + 1), 'base64url');
  if (!verify('sha256', Buffer.from(text.slice(0, dot)), bareKey, signature)) throw new Error('not signed');
}
const joseOptions = { issuer: base, audience: 'nx', typ: 'at+jwt', algorithms: ['ES256'] };

async function perCpuSecond(tokens, operation) {
  const before = process.cpuUsage();
  for (const text of tokens) await operation(text);
  const { user, system } = process.cpuUsage(before);
  return tokens.length / ((user + system) / 1e6);
}

const rounds = [];
for (let round = -1; round < ROUNDS; round += 1) {
  const tokens = Array.from({ length: TOKENS }, token);
  const shown = Array.from({ length: SHOWS }, (_, index) => tokens[index % TOKENS]);
  const figures = {
    'bare crypto.verify': await perCpuSecond(tokens, bare),
    'kit, first time': await perCpuSecond(tokens, verifier.verify),
    'kit, again': await perCpuSecond(shown, verifier.verify),
    'jose jwtVerify': await perCpuSecond(tokens, (text) => jwtVerify(text, keyOf.at.publicKey, joseOptions)),
  };
  if (round >= 0) rounds.push(figures); // the first one warms up
}
verifier.close();
server.close();

console.log('operations per CPU-second, ES256, medians of rounds; beside them the medians of ratios to bare');
for (const name of Object.keys(rounds[0])) {
  const ratio = median(rounds.map((figures) => figures[name] / figures['bare crypto.verify']));
  const rate = median(rounds.map((figures) => figures[name]));
  console.log(`${name.padEnd(20)} ${rate.toFixed(0).padStart(8)}  ${ratio.toFixed(2)}`);
}
