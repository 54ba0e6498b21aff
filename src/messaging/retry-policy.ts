const FIRST_PAUSE_S = 5;
const LONGEST_PAUSE_S = 3600;
/** About half a minute where a code runs out, about seven hours where nothing does. */
const ROUNDS = { withDeadline: 4, without: 16 };

/**
 * Seconds until the next round: doubling, with jitter of a half, so that an outage's messages don't come back at once.
 * Undefined: it has been tried enough and goes to the ledger.
 * @param random from 0 to 1
 */
export function pauseBeforeRound(options: {
  round: number;
  hasDeadline: boolean;
  random: () => number;
}): number | undefined {
  const { round, hasDeadline, random } = options;
  if (round >= (hasDeadline ? ROUNDS.withDeadline : ROUNDS.without)) return undefined;
  return Math.min(FIRST_PAUSE_S * 2 ** (round - 1), LONGEST_PAUSE_S) * (0.5 + random() / 2);
}
