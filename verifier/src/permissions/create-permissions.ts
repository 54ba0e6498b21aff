import type { AccessClaims } from '../claims.js';
import { IssuerUnavailable } from '../errors.js';
import { createTwoGenerations } from '../two-generations.js';
import { createAnswerCache } from './answer-cache.js';
import { followChanges } from './follow-changes.js';
import { createInvalidation } from './invalidation.js';
import { type PermissionOptions, readPermissionOptions } from './permission-options.js';
import {
  type PermissionQuestion,
  type PermissionSubject,
  readDomain,
  subjectOf,
} from './permission-question.js';
import { createPoliciesClient } from './policies-client.js';

export interface Permissions {
  /**
   * May the bearer of a verified token do this there? A branch's token is good in its branch alone; services' are for
   * none, `check` by their id.
   * @throws IssuerUnavailable (503): what can't be known is not permitted
   */
  may(identity: AccessClaims, question: PermissionQuestion): Promise<boolean>;
  /** The same for any person, role or service, whatever token there is. */
  check(subject: PermissionSubject, question: PermissionQuestion): Promise<boolean>;
  /** Whether the feed of changes could be had at the start. Without it every question goes to the issuer. */
  readonly ready: Promise<boolean>;
  /** Stops following the feed. */
  close(): void;
}

/** A subject's policy version, and until when it is known to be that. */
interface Known {
  version: number;
  asOf: number;
  era: number;
}

/**
 * What the issuer answers to permission questions, kept until the feed of changes tells otherwise (P2, P3).
 * @throws TypeError for options that are not usable
 */
export function createPermissions(options: PermissionOptions): Permissions {
  const settings = readPermissionOptions(options);
  const { cacheSize, timeoutMs, onWarning } = settings;
  const client = createPoliciesClient(settings);
  const invalidation = createInvalidation(settings);
  const answers = createAnswerCache({ ...settings, store: settings.store });
  const versions = createTwoGenerations<Known>(cacheSize);
  const flights = new Map<string, Promise<Asked>>();
  const feed = followChanges({
    ...settings,
    read: client.changes,
    take(page, askedAt) {
      const before = invalidation.era();
      invalidation.take(page, askedAt);
      if (invalidation.era() !== before) answers.forget();
    },
  });

  interface Asked extends Known {
    allowed: boolean;
  }
  const isCurrent = (key: string, { asOf, era }: Known) => invalidation.isCurrent(key, asOf, era);

  async function ask(subject: PermissionSubject, key: string, question: PermissionQuestion): Promise<Asked> {
    const era = invalidation.era();
    const answer = await answerInTime((signal) => client.check(subject, question, signal), timeoutMs);
    const asked = { ...answer, era };
    if (era !== invalidation.era()) return asked; // versions are counted otherwise by now
    const known = versions.get(key);
    if (known?.era !== era || known.asOf <= asked.asOf) versions.set(key, asked);
    answers.set(key, asked.version, question, asked.allowed);
    return asked;
  }

  async function askOnce(subject: PermissionSubject, key: string, question: PermissionQuestion) {
    const { domain, object, action } = question;
    const flight = JSON.stringify([key, domain, object, action]);
    const underWay = await flights.get(flight);
    // Asked before a change that is known by now: once more, all who wait by one question.
    if (underWay && isCurrent(key, underWay)) return underWay.allowed;
    const asking = flights.get(flight) ?? ask(subject, key, question).finally(() => flights.delete(flight));
    flights.set(flight, asking);
    return (await asking).allowed;
  }

  /** Of a domain that is none nobody may anything. */
  const inFull = (question: PermissionQuestion): PermissionQuestion | undefined => {
    const domain = readDomain(question.domain);
    return domain === undefined ? undefined : { ...question, domain };
  };

  async function decide(subject: PermissionSubject, question: PermissionQuestion): Promise<boolean> {
    const key = `${subject.type}_${subject.id}`;
    const known = versions.get(key);
    if (known && isCurrent(key, known)) {
      const held = await answers.get(key, known.version, question);
      if (held !== undefined && isCurrent(key, known)) return held;
    }
    return askOnce(subject, key, question).catch((error) => {
      onWarning('whether something is permitted could not be asked', error);
      throw new IssuerUnavailable('permissions');
    });
  }

  return {
    async check(subject, asked) {
      const question = inFull(asked);
      return question !== undefined && decide(subject, question);
    },
    async may(identity, asked) {
      const question = inFull(asked);
      const subject = question && subjectOf(identity, question.domain);
      return subject !== undefined && decide(subject, question as PermissionQuestion);
    },
    ready: feed.ready,
    close: feed.stop,
  };
}

/** However long a turn, a token and the answer take together. */
function answerInTime<T>(work: (signal: AbortSignal) => Promise<T>, timeoutMs: number): Promise<T> {
  const signal = AbortSignal.timeout(timeoutMs);
  const late = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  return Promise.race([work(signal), late]);
}
