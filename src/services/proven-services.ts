import { createHmac, randomBytes } from 'node:crypto';
import type { BasicCredential } from './basic-credential.js';
import type { ProvenService } from './service.js';

export interface ProvenServices {
  /** Where an answer is kept: an HMAC under a key of this process, so that no secret is held. */
  keyOf(credential: BasicCredential): string;
  get(key: string): ProvenService | undefined;
  /** Milliseconds, for `readAt`. */
  now(): number;
  /** @param readAt when the store was asked: what it said is kept from then on, `forMs` at most */
  keep(key: string, service: ProvenService, readAt: number, forMs: number): void;
}

/**
 * Remembers for a few seconds which secrets were right, so that a busy service costs one hash in a while and not
 * one a call. A wrong secret leaves nothing here. What is revoked goes on for `ttlMs` at most.
 * @param monotonicNow milliseconds that never jump
 */
export function createProvenServices(options: {
  ttlMs: number;
  atMost: number;
  monotonicNow: () => number;
}): ProvenServices {
  const { ttlMs, atMost, monotonicNow } = options;
  const hmacKey = randomBytes(32);
  const kept = new Map<string, { service: ProvenService; until: number }>();
  return {
    // A name holds no NUL, so no other pair gives the same text.
    keyOf: ({ name, secret }) =>
      createHmac('sha256', hmacKey).update(`${name}\0${secret}`).digest('base64url'),
    get(key) {
      const entry = kept.get(key);
      if (!entry) return undefined;
      if (monotonicNow() < entry.until) return entry.service;
      kept.delete(key);
      return undefined;
    },
    now: monotonicNow,
    keep(key, service, readAt, forMs) {
      const [oldest] = kept.keys();
      if (kept.size >= atMost && oldest !== undefined) kept.delete(oldest);
      kept.delete(key); // a Map keeps the place of a known key: the newest goes to the end
      kept.set(key, { service, until: readAt + Math.min(ttlMs, forMs) });
    },
  };
}
