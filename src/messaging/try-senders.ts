import type { Attempt } from './message.js';
import type { ClaimedMessage, MessageStore } from './message-store.js';
import { nextStep } from './next-step.js';
import type { GuardCircuit } from './providers/guard-circuit.js';
import type { Outcome, PreparedMessage, Sender } from './providers/sender.js';

/** Milliseconds: how soon an unclear call is made once more. */
const UNCLEAR_PAUSE = 3000;
/** An answer to a promise is written down even when PostgreSQL is away for a moment. */
const RECORD_TRIES = 3;

export interface TrySendersOptions {
  store: Pick<MessageStore, 'begin' | 'record'>;
  guard: GuardCircuit;
  monotonicNow: () => number;
  /** Waits; false when the process is stopping. */
  pause(ms: number): Promise<boolean>;
  count(labels: { channel: string; provider: string; outcome: string }): void;
}

export interface WaysOut {
  senders: Sender[];
  prepared: Map<string, PreparedMessage>;
}

/** `gone`: the lease or the deadline is, or the process stops; whoever finds the message goes on. */
export type End = 'done' | 'gone' | { worthRetrying: boolean; errorClass: string };

/** Asks one provider after the other until one accepts, nobody is left, or it is for another process to go on. */
export async function trySenders(
  options: TrySendersOptions,
  message: ClaimedMessage,
  lease: string,
  { senders, prepared }: WaysOut,
): Promise<End> {
  const attempts = [...message.attempts];
  const skipped = new Set<string>();
  const [round, replay] = [message.rounds + 1, message.replays];
  let errorClass: string | undefined;
  for (;;) {
    const step = nextStep({ messageId: message.id, round, replay, attempts, providers: senders, skipped });
    if (step.kind === 'exhausted') {
      const { worthRetrying } = step;
      return { worthRetrying, errorClass: errorClass ?? (skipped.size > 0 ? 'circuit-open' : 'refused') };
    }
    const { provider, providerMessageId } = step;
    const sender = senders.find(({ name }) => name === provider);
    const ready = prepared.get(provider);
    if (!sender || !ready) throw new Error(`no sender ${provider}`);
    if (step.pause && !(await options.pause(UNCLEAR_PAUSE))) return 'gone';
    const place = { number: attempts.length + 1, replay, round, provider, providerMessageId };
    const outcome = await makeAttempt(options, { message, lease, place, sender, ready });
    if (outcome === 'gone') return 'gone';
    if (outcome === 'skipped') {
      skipped.add(provider);
      continue;
    }
    if (outcome.outcome === 'accepted') return 'done';
    errorClass = outcome.errorClass ?? outcome.outcome;
    attempts.push({ ...place, status: outcome.outcome, temporary: outcome.temporary ?? false });
  }
}

/** One call, written down before and after. `skipped`: the circuit is open, so there is no call. */
async function makeAttempt(
  options: TrySendersOptions,
  attempt: {
    message: ClaimedMessage;
    lease: string;
    place: Omit<Attempt, 'status' | 'temporary'>;
    sender: Sender;
    ready: PreparedMessage;
  },
): Promise<Outcome | 'gone' | 'skipped'> {
  const { store, guard, monotonicNow, count } = options;
  const { message, lease, place, sender, ready } = attempt;
  let isHeld = true;
  const started = monotonicNow();
  // Begun inside the guard: a call that an open circuit prevents is no attempt.
  const outcome = await guard(sender.circuit, async () => {
    const { segments, cost } = ready;
    const permit = await store.begin(message.id, lease, { ...place, segments, cost });
    isHeld = permit !== undefined;
    if (!permit) return { outcome: 'refused' };
    const withinMs = Math.min(sender.timeoutMs, permit.remainingMs);
    return ready.send(place.providerMessageId, AbortSignal.timeout(withinMs));
  });
  if (!isHeld) return 'gone';
  if (!outcome) return 'skipped';
  await record(options, message, place.number, outcome, monotonicNow() - started);
  count({ channel: message.channel, provider: sender.name, outcome: outcome.outcome });
  return outcome;
}

async function record(
  { store, pause }: TrySendersOptions,
  { id }: ClaimedMessage,
  number: number,
  { outcome, temporary, status, reference, errorClass }: Outcome,
  latencyMs: number,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await store.record(id, number, {
        status: outcome,
        temporary: temporary ?? false,
        providerStatus: status,
        reference,
        errorClass,
        latencyMs,
      });
    } catch (error) {
      if (tries === RECORD_TRIES || !(await pause(1000))) throw error;
    }
  }
}
