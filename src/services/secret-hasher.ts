import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { Semaphore } from 'async-mutex';
import { Problem } from '../errors/problem.js';
import { requestErrors } from '../errors/request-errors.js';

/**
 * OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane; the library's own algorithm is argon2id. The
 * table takes no hash with others.
 */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export interface SecretHasher {
  hash(secret: string): Promise<string>;
  /** @throws Problem `request.unavailable` (503) when too many wait already */
  verify(hashed: string, secret: string): Promise<boolean>;
}

/**
 * argon2id in libuv's threads, off the event loop. At most `parallel` run, which leaves threads for files and
 * names, and at most `waiting` wait: a flood costs 19 MiB times `parallel`, not times its size.
 */
export function createSecretHasher(options: { parallel: number; waiting: number }): SecretHasher {
  const turns = new Semaphore(options.parallel);
  let waiting = 0;

  async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (waiting >= options.waiting) {
      throw new Problem(requestErrors.unavailable, { headers: { 'Retry-After': '1' } });
    }
    waiting += 1;
    try {
      return await turns.runExclusive(work);
    } finally {
      waiting -= 1;
    }
  }

  return {
    hash: (secret) => inTurn(() => hash(secret, PARAMETERS)),
    verify: (hashed, secret) => inTurn(() => verify(hashed, secret)),
  };
}

/** The hash of a secret that nobody knows: what an unknown service's secret is compared with. */
export function createDecoyHash(hasher: Pick<SecretHasher, 'hash'>): Promise<string> {
  return hasher.hash(randomBytes(32).toString('base64url'));
}
