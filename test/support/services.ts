import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { createSecretHasher } from '../../src/services/index.js';
import { sql } from './database.js';

const hasher = createSecretHasher({ parallel: 1, waiting: 100 });
const newId = () => randomBytes(8).readBigUInt64BE().toString();

export interface TestCredential {
  id: string;
  secret: string;
}

export interface TestServiceRow {
  id: string;
  name: string;
  credential: TestCredential;
}

export const basic = (name: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`,
});

/** As an operator does it: by SQL. */
export async function addCredential(serviceId: string, slot: number, expires: string | null = null) {
  const credential = { id: newId(), secret: randomBytes(24).toString('base64url') };
  await sql(
    `INSERT INTO identity."ServiceCredential" (id, service_id, slot, secret_hash, expires_at)
     VALUES ($1, $2, $3, $4, now() + $5::interval)`,
    [credential.id, serviceId, slot, await hasher.hash(credential.secret), expires],
  );
  return credential;
}

export async function revoke(credential: TestCredential): Promise<void> {
  await sql('UPDATE identity."ServiceCredential" SET revoked_at = now() WHERE id = $1', [credential.id]);
}

/** A service of this test's own, its own default audience unless said otherwise. */
export async function createService(
  options: { calls?: string[]; name?: string; audience?: boolean } = {},
): Promise<TestServiceRow> {
  const id = newId();
  const name = options.name ?? `test-${randomBytes(6).toString('hex')}`;
  await sql('INSERT INTO identity."Service" (id, name, default_audience_id) VALUES ($1, $2, $3)', [
    id,
    name,
    options.audience === false ? null : id,
  ]);
  for (const call of options.calls ?? ['whoami']) {
    await sql('INSERT INTO identity."ServiceGrant" (id, service_id, call) VALUES ($1, $2, $3)', [
      newId(),
      id,
      call,
    ]);
  }
  return { id, name, credential: await addCredential(id, 1) };
}

/** The answer's status to a GET from another address of this machine (Linux has all of 127.0.0.0/8). */
export async function statusFrom(localAddress: string, url: string, headers: Record<string, string> = {}) {
  const sent = request(url, { localAddress, headers }).end();
  const [answer] = await once(sent, 'response');
  answer.resume();
  return answer.statusCode as number;
}

/** `Authorization` values that prove nobody, for a service whose name and secret are right (faults, BASIC). */
export function malformed(name: string, secret: string): [string, string | undefined][] {
  const encode = (text: string | Buffer) => `Basic ${Buffer.from(text).toString('base64')}`;
  const right = encode(`${name}:${secret}`);
  return [
    ['none', undefined],
    ['another secret', encode(`${name}:${secret}x`)],
    ['the secret cut', encode(`${name}:${secret.slice(0, -1)}`)],
    ['an unknown name', encode(`nobody:${secret}`)],
    ['the name in capitals', encode(`${name.toUpperCase()}:${secret}`)],
    ['no colon', encode(`${name}${secret}`)],
    ['no name', encode(`:${secret}`)],
    ['no secret', encode(`${name}:`)],
    ['bad base64', 'Basic %%%%'],
    ['base64 with a tail', `${right}!`],
    ['base64 of two', `${right} ${right.slice(6)}`],
    ['nothing after the scheme', 'Basic '],
    ['100 kB', encode(`${name}:${'x'.repeat(100_000)}`)],
    ['a NUL', encode(`${name}:${secret}\0`)],
    ['a NUL in the name', encode(`${name}\0:${secret}`)],
    ['a line break', encode(`${name}:${secret}\r\n`)],
    ['no UTF-8', encode(Buffer.from([...Buffer.from(`${name}:`), 0xff, 0xfe]))],
    ['another scheme', right.replace('Basic', 'Bearer')],
  ];
}
