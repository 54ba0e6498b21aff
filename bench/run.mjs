/**
 * `npm run bench`: what the service does per CPU-second of its process, beside yardsticks of the same run, in turns
 * (medians of three rounds). Linux only; nothing here is asserted. Talks to 127.0.0.1 alone.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { median, rate } from './measure.mjs';
import { BASE, startService } from './start-service.mjs';

const ROUNDS = 3;

const { DEMO_PEOPLE } = await import('../dist/embedded/demo-data.js');

const service = await startService({
  lifted: ['SIGN_IN_PER_IDENTIFIER', 'SIGN_IN_PER_ADDRESS', 'REFRESH_PER_SESSION', 'REFRESH_PER_ADDRESS'],
  environment: (parts) => ({ IDENTITY_EXCHANGE_CLIENTS: parts.keycloak.clientId }),
});
const { parts } = service;
const children = [];
const [, owner] = DEMO_PEOPLE;

function start(file, args, env) {
  const child = spawn(process.execPath, [file, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}

async function yardstick(kind, env) {
  const child = start('bench/yardsticks.mjs', [kind], env);
  const [line] = await once(child.stdout, 'data');
  return { pid: child.pid, url: `http://127.0.0.1:${Number(line)}` };
}

const form = (fields) => ({ method: 'POST', body: new URLSearchParams(fields) });
const json = (body) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
const endpoints = `${parts.keycloak.url}/realms/${parts.keycloak.realm}/protocol/openid-connect`;
const clientFields = { client_id: parts.keycloak.clientId, client_secret: parts.keycloak.clientSecret };

const signIn = async () => {
  const credential = { scheme: 'password', value: owner.password };
  const answer = await fetch(
    `${service.url}${BASE}/auth/sign-in`,
    json({ identifier: { scheme: 'email', value: owner.email }, credential }),
  );
  return (await answer.json()).refreshToken;
};
const keycloakTokens = async () =>
  (
    await fetch(
      `${endpoints}/token`,
      form({
        ...clientFields,
        grant_type: 'urn:nx:params:oauth:grant-type:first-party',
        identifier: owner.email,
        identifier_scheme: 'email',
        password: owner.password,
        scope: 'openid',
      }),
    )
  ).json();

/** Reads the whole answer, so that connections are used again. */
const succeeds = async (url, init) => {
  const answer = await fetch(url, init);
  const text = await answer.text();
  return answer.ok && text.length > 0;
};

async function workloads() {
  const hello = await yardstick('hello', {});
  const tokens = await keycloakTokens();
  const jwks = await (await fetch(`${endpoints}/certs`)).json();
  const { kid } = JSON.parse(Buffer.from(tokens.access_token.split('.')[0], 'base64url'));
  const jwk = { BENCH_JWK: JSON.stringify(jwks.keys.find((key) => key.kid === kid)) };
  const [mint, express] = [await yardstick('mint', jwk), await yardstick('express', jwk)];
  const java = Number(
    execFileSync('pgrep', ['-f', `^java .*${parts.dataDir}/keycloak`])
      .toString()
      .split('\n')[0],
  );
  const chains = [];
  for (let index = 0; index < 8; index += 1) chains.push(await signIn());
  const keycloakRefresh = tokens.refresh_token;
  const exchange = form({
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: tokens.access_token,
    subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  });
  return [
    {
      name: 'bare node:http hello',
      pid: hello.pid,
      count: 20_000,
      width: 16,
      operation: () => succeeds(hello.url),
    },
    {
      name: 'GET /jw-certs',
      pid: service.pid,
      count: 20_000,
      width: 16,
      operation: () => succeeds(`${service.url}/jw-certs`),
    },
    {
      name: 'bare verify RS256 + mint ES256',
      pid: mint.pid,
      count: 6000,
      width: 8,
      operation: () => succeeds(mint.url, exchange),
    },
    {
      name: 'express + jsonwebtoken exchange',
      pid: express.pid,
      count: 4000,
      width: 8,
      operation: () => succeeds(express.url, exchange),
    },
    {
      name: 'POST /auth/token (exchange)',
      pid: service.pid,
      count: 2000,
      width: 8,
      operation: () => succeeds(`${service.url}${BASE}/auth/token`, exchange),
    },
    {
      name: 'POST /auth/refresh',
      pid: service.pid,
      count: 3000,
      width: chains.length,
      operation: async (lane) => {
        const answer = await fetch(
          `${service.url}${BASE}/auth/refresh`,
          json({ refreshToken: chains[lane] }),
        );
        chains[lane] = (await answer.json()).refreshToken;
        return answer.ok;
      },
    },
    {
      name: "Keycloak's own refresh",
      pid: java,
      count: 1500,
      width: 8,
      operation: () =>
        succeeds(
          `${endpoints}/token`,
          form({ ...clientFields, grant_type: 'refresh_token', refresh_token: keycloakRefresh }),
        ),
    },
  ];
}

try {
  const all = await workloads();
  const rates = new Map(all.map(({ name }) => [name, []]));
  for (const { count, ...workload } of all) await rate({ ...workload, count: Math.ceil(count / 4) }); // warm
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const workload of all) rates.get(workload.name).push(await rate(workload));
  }
  console.log(`\n${'operations per CPU-second of the server'.padEnd(42)} median   rounds`);
  for (const [name, values] of rates) {
    console.log(
      `${name.padEnd(42)} ${median(values).toFixed(0).padStart(6)}   ${values.map((value) => value.toFixed(0)).join(' ')}`,
    );
  }
  const ratio = (one, other) => (median(rates.get(one)) / median(rates.get(other))).toFixed(2);
  console.log(
    `\n/jw-certs : bare hello                     ${ratio('GET /jw-certs', 'bare node:http hello')}`,
  );
  console.log(
    `exchange : bare verify + mint              ${ratio('POST /auth/token (exchange)', 'bare verify RS256 + mint ES256')}`,
  );
  console.log(
    `exchange : express + jsonwebtoken          ${ratio('POST /auth/token (exchange)', 'express + jsonwebtoken exchange')}`,
  );
  console.log(
    `refresh : Keycloak's own refresh           ${ratio('POST /auth/refresh', "Keycloak's own refresh")}`,
  );
} finally {
  for (const child of children) child.kill('SIGTERM');
  await service.stop();
}
process.exit(0);
