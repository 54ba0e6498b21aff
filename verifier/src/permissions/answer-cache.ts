import { createTwoGenerations } from '../two-generations.js';
import type { PermissionStore } from './permission-options.js';
import type { PermissionQuestion } from './permission-question.js';

/** Milliseconds: the store only makes things quicker, so nobody waits long for it. */
const STORE_TIMEOUT_MS = 250;
const AFTER_FAILURE_MS = 5000;

/** Answers by subject, policy version and question: by these an answer never changes, so none has to be taken back. */
export interface AnswerCache {
  /** @param subject `<type>_<id>` */
  get(subject: string, version: number, question: PermissionQuestion): Promise<boolean | undefined>;
  set(subject: string, version: number, question: PermissionQuestion, allowed: boolean): void;
  /** Versions are counted anew: nothing that was kept is looked at again. */
  forget(): void;
}

export function createAnswerCache(options: {
  /** The issuer's, so that those of two never mix. */
  base: string;
  cacheSize: number;
  store: PermissionStore | undefined;
  storeS: number;
  monotonicNow: () => number;
  onWarning: (what: string, error: unknown) => void;
}): AnswerCache {
  const { base, store, storeS, monotonicNow } = options;
  const memory = createTwoGenerations<boolean>(options.cacheSize);
  let storeFrom = Number.NEGATIVE_INFINITY;

  /** JSON, so that no part can run into the next. */
  const keyOf = (subject: string, version: number, { domain, object, action }: PermissionQuestion) =>
    `nx:permission:${JSON.stringify([base, subject, version, domain, object, action])}`;

  async function viaStore<T>(work: (store: PermissionStore) => Promise<T>): Promise<T | undefined> {
    if (!store || monotonicNow() < storeFrom) return undefined;
    try {
      return await inTime(work(store));
    } catch (error) {
      storeFrom = Math.max(storeFrom, monotonicNow() + AFTER_FAILURE_MS);
      options.onWarning('the store of permissions is away', error);
      return undefined;
    }
  }

  return {
    async get(subject, version, question) {
      const key = keyOf(subject, version, question);
      const held = memory.get(key);
      if (held !== undefined) return held;
      const stored = await viaStore((from) => from.get(key));
      if (stored !== '1' && stored !== '0') return undefined;
      memory.set(key, stored === '1');
      return stored === '1';
    },
    set(subject, version, question, allowed) {
      const key = keyOf(subject, version, question);
      memory.set(key, allowed);
      void viaStore((into) => into.set(key, allowed ? '1' : '0', 'PX', storeS * 1000));
    },
    forget() {
      memory.clear();
      storeFrom = monotonicNow() + storeS * 1000; // until the last answer in it has ended
    },
  };
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), STORE_TIMEOUT_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
