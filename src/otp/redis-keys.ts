import type { Challenge } from './challenge.js';

/**
 * The keys of contract §4. The lock is `<namespace>:lock:<identifier>`, for operators to see and delete; the
 * braces of its companions put them all into the lock's slot of a Redis Cluster.
 *
 * - lock: hash, lane → end of its lock in milliseconds; deleting it lifts the locks of all lanes
 * - quota: hash, `guesses` of all lanes and `codes:<lane>`; lives a day from its first entry
 * - challenge: hash, `nonce` and `mac` of the newest code of a lane; lives as long as the code
 * - cooldown, attempts: strings
 *
 * A lane is `anyone`, or a device that has signed in before and is counted by itself.
 */
export function otpKeys({
  namespace,
  identifier,
  device,
}: Pick<Challenge, 'namespace' | 'identifier' | 'device'>) {
  if (/[{}]/.test(identifier)) throw new RangeError('braces would move a key out of its slot');
  const lock = `${namespace}:lock:${identifier}`;
  const lane = device === null ? 'anyone' : `device:${device}`;
  const own = device === null ? `{${lock}}` : `{${lock}}:${lane}`;
  return {
    lane,
    keys: [lock, `{${lock}}:quota`, `${own}:challenge`, `${own}:cooldown`, `${own}:attempts`] as const,
  };
}
