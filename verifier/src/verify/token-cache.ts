import { hash } from 'node:crypto';

/** What is remembered of tokens; of those that nobody shows again, the oldest go first. */
export interface TokenCache<T> {
  /** The key of a token: a bearer token is a secret, and lies here no longer than it has to. */
  digest(token: string): string;
  get(digest: string): T | undefined;
  set(digest: string, value: T): void;
}

/**
 * Two generations of `size` tokens: what is used lives on in the younger one. Moving each hit to the end of one Map,
 * as is often done, is slow just for a token that is shown often: V8 keeps what was deleted in its bucket until the
 * Map is laid out anew.
 */
export function createTokenCache<T>(size: number): TokenCache<T> {
  let young = new Map<string, T>();
  let old = new Map<string, T>();

  function set(digest: string, value: T): void {
    if (young.size >= size) {
      old = young;
      young = new Map();
    }
    young.set(digest, value);
  }

  return {
    digest: (token) => hash('sha256', token, 'base64'),
    get(digest) {
      const value = young.get(digest);
      if (value !== undefined) return value;
      const older = old.get(digest);
      if (older !== undefined) set(digest, older);
      return older;
    },
    set,
  };
}
