import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhenResult,
} from 'cockatiel';
import type { Outcome } from './sender.js';

/** A provider that was in trouble so often in a row is left alone for so long, then asked once. */
const FAILURES = 5;
const OPEN_MS = 15_000;
const KEPT_AT_MOST = 500;

/** Runs a call, or answers undefined without it while the circuit is open. */
export type GuardCircuit = (circuit: string, call: () => Promise<Outcome>) => Promise<Outcome | undefined>;

/** One breaker for each provider and settings, in this process: a replica learns of an outage from its own calls. */
export function createGuardCircuit(options: { halfOpenAfterMs?: number } = {}): GuardCircuit {
  const { halfOpenAfterMs = OPEN_MS } = options;
  const breakers = new Map<string, CircuitBreakerPolicy>();

  function breakerOf(circuit: string): CircuitBreakerPolicy {
    const known = breakers.get(circuit);
    if (known) return known;
    const [oldest] = breakers.keys();
    if (breakers.size >= KEPT_AT_MOST && oldest !== undefined) breakers.delete(oldest);
    const breaker = circuitBreaker(handleWhenResult(isTrouble), {
      halfOpenAfter: halfOpenAfterMs,
      breaker: new ConsecutiveBreaker(FAILURES),
    });
    breakers.set(circuit, breaker);
    return breaker;
  }

  return async (circuit, call) => {
    try {
      return await breakerOf(circuit).execute(call);
    } catch (error) {
      if (error instanceof BrokenCircuitError) return undefined;
      throw error;
    }
  };
}

/** A refusal is an answer: the provider is well, the message or the account is not. */
const isTrouble = (result: unknown) => {
  const { outcome } = result as Outcome;
  return outcome === 'unclear' || outcome === 'unreachable';
};
