import type { Signer } from '../signer.js';
import type { HeldKey } from './key-folder.js';
import type { SigningKey } from './signing-key.js';

/** What rows and files together come to. */
export interface KeyView {
  keys: SigningKey[];
  /** Kids of revoked keys. */
  revoked: string[];
  /** Keys with a row and a file, the current one first: verifiers that take the first key get that. */
  published: Signer[];
  /** Undefined when its file is not here. */
  current: Signer | undefined;
}

const SHOWN = ['current', 'next', 'previous'] as const;

export const kidOf = ({ kid }: { kid: string }): string => kid;

/** Keeps the arrays of the view before where nothing has changed, so that documents are made anew only when needed. */
export function toKeyView(
  keys: SigningKey[],
  held: readonly HeldKey[],
  before: KeyView | undefined,
): KeyView {
  const ours = new Map(held.map((key) => [key.kid, key]));
  const published = SHOWN.flatMap((state) =>
    keys.filter((key) => key.state === state).flatMap(({ kid }) => ours.get(kid) ?? []),
  );
  const revoked = keys.filter(({ revokedAt }) => revokedAt !== null).map(kidOf);
  const current = keys.find(({ state }) => state === 'current');
  const same = <T>(now: T[], then: T[] | undefined, id: (item: T) => string): T[] =>
    then !== undefined && now.map(id).join() === then.map(id).join() ? then : now;
  return {
    keys,
    published: same(published, before?.published, kidOf),
    revoked: same(revoked, before?.revoked, String),
    current: current && ours.get(current.kid),
  };
}
