import type { SigningKey } from '../../tokens/index.js';
import { describeLaggards } from './describe-keys.js';
import type { KeyTools } from './key-tools.js';
import type { KeyFlags } from './keys-command.js';
import { PATIENCE_MS } from './rotate-command.js';

type Retire = (tools: KeyTools, kid: string, flags: KeyFlags) => Promise<number>;

/** `keys retire <kid>`: of a key that nothing valid is signed by. */
export const retireOver: Retire = async (tools, kid) => {
  const { say } = tools;
  const key = await find(tools, kid);
  if (!key) return 1;
  const now = Date.now();
  const complaint = {
    next: undefined,
    current: 'It is the one that signs. "keys rotate" replaces it; if it has leaked: --now.',
    previous:
      (key.lastTokenExpiresBy?.getTime() ?? 0) > now
        ? `Tokens that it signed are valid until ${key.lastTokenExpiresBy?.toISOString()}; --now ends them.`
        : undefined,
    retired: 'It is retired already; if it has leaked: --now.',
  }[key.state];
  if (complaint) {
    say(complaint);
    return 1;
  }
  await tools.retire(kid);
  say(`Retired: ${kid}. Its file may be removed.`);
  return 0;
};

/**
 * `keys retire <kid> --now`, the drill for a key that has leaked (T12). Each step may be the last before a crash: run
 * again, it goes on.
 * @throws FolderReadOnly before anything was changed
 */
export const retireNow: Retire = async (tools, kid, flags) => {
  const { say } = tools;
  const key = await find(tools, kid);
  if (!key) return 1;
  if (key.state === 'current' && !(await replace(tools, flags))) return 1;
  await tools.revoke(kid);
  say(
    `Retired and revoked: ${kid}. It is out of /jw-certs within seconds, for ever, and its file may be removed.`,
  );
  const revoked = await find(tools, kid);
  const hasSigned = revoked?.activatedAt && revoked.retiredAt?.getTime() === revoked.revokedAt?.getTime();
  if (hasSigned && revoked.revokedAt) {
    // The database counts in microseconds, and a Date would cut them off.
    const ended = await tools.endEverySession(new Date(revoked.revokedAt.getTime() + 1));
    say(`Sessions ended: ${ended}. Everybody signs in again; Keycloak is told by the worker.`);
  }
  await tellWhoIsLeft(tools, kid);
  return 0;
};

async function replace(tools: KeyTools, flags: KeyFlags): Promise<boolean> {
  const { say } = tools;
  const next = await tools.rotateKey('at_once');
  say(`The key that replaces it: ${next.kid}`);
  const signs = await tools.awaitActivation(next.kid, {
    atMost: flags.timeoutMs ?? PATIENCE_MS,
    thenAnyway: flags.force,
    onWaiting: (laggards) => say(describeLaggards({ ...laggards, consumers: [] })),
  });
  if (signs) say('It signs now.');
  else
    say(
      'It does not sign yet, so nothing was retired. Mend or end the above, or --force: then they are left out.',
    );
  return signs;
}

/** Those who said what they hold drop the key by themselves; nobody knows of the others. */
async function tellWhoIsLeft({ readConsumers, readUnheard, say }: KeyTools, kid: string): Promise<void> {
  const holders = (await readConsumers()).filter(({ kids }) => kids.includes(kid));
  for (const { service, instance } of holders)
    say(`${service} at ${instance} held it when it was last seen, and drops it at its next look.`);
  const unheard = await readUnheard();
  say(
    `Out of reach from here: sisters that keep a key set without asking again. Restart them${
      unheard.length > 0 ? `; never heard of within a day: ${unheard.join(', ')}` : ''
    }.`,
  );
}

async function find({ readKeys, say }: KeyTools, kid: string): Promise<SigningKey | undefined> {
  const key = (await readKeys()).find((each) => each.kid === kid);
  if (!key) say(`There is no key ${kid}; "keys list" shows all.`);
  return key;
}
