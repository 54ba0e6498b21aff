import type { Attempt } from './message.js';

/** How one provider is tried. */
export interface Tried {
  name: string;
  /** How often a call under one id may end unclear before that id is left alone. */
  unclearAtMost: number;
  /** Whether an unclear call is made again at once (after a pause) or with the next round. */
  unclearAgain: 'soon' | 'next-round';
}

export type Step =
  | { kind: 'send'; provider: string; providerMessageId: string; pause: boolean }
  /** @param worthRetrying a later round may find somebody who takes it */
  | { kind: 'exhausted'; worthRetrying: boolean };

/**
 * What to do next with a message, told from its attempts alone, so that any process can go on where another was
 * killed. A definite no, or nobody there: the next provider at once. Unclear: the same provider once more with the
 * same id, then the next with an id of its own. An id that may have been accepted is never replaced by a new one at
 * the same provider, so that two providers accept two messages at most.
 * @param skipped providers whose circuit is open
 */
export function nextStep(options: {
  messageId: string;
  round: number;
  replay: number;
  attempts: readonly Attempt[];
  providers: readonly Tried[];
  skipped: ReadonlySet<string>;
}): Step {
  const { round, replay, providers, skipped } = options;
  let worthRetrying = false;
  for (const provider of providers) {
    if (skipped.has(provider.name)) {
      worthRetrying = true;
      continue;
    }
    const all = options.attempts.filter((attempt) => attempt.provider === provider.name);
    const id = idToUse(all) ?? `nx${options.messageId}a${options.attempts.length + 1}`;
    const send = { kind: 'send', provider: provider.name, providerMessageId: id } as const;
    const last = all.filter((attempt) => attempt.replay === replay).at(-1);
    if (!last) return { ...send, pause: false };
    if (!isUnclear(last)) {
      if (last.round < round) return { ...send, pause: false };
      worthRetrying ||= last.status === 'unreachable' || last.temporary;
      continue;
    }
    const again = unclearUnder(id, all, replay) < provider.unclearAtMost;
    if (again && (provider.unclearAgain === 'soon' || last.round < round || last.status === 'started'))
      return { ...send, pause: last.status === 'unclear' && last.round === round };
    worthRetrying ||= again;
  }
  return { kind: 'exhausted', worthRetrying };
}

/** A process that was killed during a call left it `started`: nobody knows what came of it. */
const isUnclear = ({ status }: Attempt) => status === 'unclear' || status === 'started';

/** The id that the provider may have accepted a message under. */
const idToUse = (attempts: readonly Attempt[]) => attempts.findLast(isUnclear)?.providerMessageId;

const unclearUnder = (id: string, attempts: readonly Attempt[], replay: number) =>
  attempts.filter(
    (attempt) => attempt.replay === replay && isUnclear(attempt) && attempt.providerMessageId === id,
  ).length;
