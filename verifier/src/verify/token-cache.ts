import { hash } from 'node:crypto';
import { createTwoGenerations } from '../two-generations.js';

/** What is remembered of tokens. */
export interface TokenCache<T> {
  /** The key of a token: a bearer token is a secret, and lies here no longer than it has to. */
  digest(token: string): string;
  get(digest: string): T | undefined;
  set(digest: string, value: T): void;
}

export const createTokenCache = <T>(size: number): TokenCache<T> => ({
  ...createTwoGenerations<T>(size),
  digest: (token) => hash('sha256', token, 'base64'),
});
